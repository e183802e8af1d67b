/**
 * A URL for each verb of an operator, on an alias of its own that nothing else may invoke. AWS says there who calls, so the
 * record of what was done bears a verified name; a plain invoke can only claim one (`functions/caller.ts`). Whoever calls
 * signs the request with IAM; the URL answers nobody else.
 */
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Alias, type FunctionUrl, FunctionUrlAuthType, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { VERIFIED_ALIAS } from '../controller/override-request.ts';
import type { Functions } from './functions.ts';
import { OVERRIDES, type Override } from './handlers.ts';

export class OperatorUrls extends Construct {
  readonly #urls = new Map<Override, FunctionUrl>();

  constructor(scope: Construct, id: string, functions: Functions) {
    super(scope, id);
    for (const verb of OVERRIDES) {
      const alias = new Alias(this, verb, {
        aliasName: VERIFIED_ALIAS,
        // The class and its interface differ in an optional property, which exactOptionalPropertyTypes minds.
        version: functions.byName[verb].currentVersion as IVersion,
        description: `${verb} through its URL only: AWS vouches for the caller`,
      });
      this.#urls.set(verb, alias.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }));
    }
  }

  of(verb: Override): FunctionUrl {
    const url = this.#urls.get(verb);
    if (!url) throw new Error(`${verb} has no URL: list it in OVERRIDES`);
    return url;
  }

  grantInvoke(verb: Override, grantee: IGrantable): Grant {
    return this.of(verb).grantInvokeUrl(grantee);
  }
}
