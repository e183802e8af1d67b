/**
 * The aliases `old` and `new` of what a run calls. Whoever may invoke only `assign:old` can only ever ask for the old
 * system: a caller cannot choose the alias's ARN, and the handler refuses a request whose system is another one
 * (`functions/caller.ts`). Rejected: an environment variable, which belongs to a version and not to an alias; a function for
 * each system, which doubles cold starts for the same code.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SYSTEMS, type System } from '../domain/phases.ts';
import type { Functions } from './functions.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName } from './handlers.ts';

type PerSystem = { [N in HandlerName]: (typeof HANDLERS)[N] extends { perSystem: true } ? N : never }[HandlerName];

const PER_SYSTEM = HANDLER_NAMES.filter((name): name is PerSystem => 'perSystem' in HANDLERS[name]);

export class SystemAliases extends Construct {
  readonly #aliases = new Map<string, Alias>();

  constructor(scope: Construct, id: string, functions: Functions) {
    super(scope, id);
    for (const name of PER_SYSTEM) {
      const { currentVersion } = functions.byName[name];
      // The one before stays, so that an alias can be put back by hand without a deployment.
      currentVersion.applyRemovalPolicy(RemovalPolicy.RETAIN);
      for (const system of SYSTEMS) {
        const alias = new Alias(this, `${name}-${system}`, {
          aliasName: system,
          // The class and its interface differ in an optional property, which exactOptionalPropertyTypes minds.
          version: currentVersion as IVersion,
          description: `${name} for the ${system} system only`,
        });
        this.#aliases.set(`${name}:${system}`, alias);
      }
    }
  }

  of(name: PerSystem, system: System): Alias {
    const alias = this.#aliases.get(`${name}:${system}`);
    if (!alias) throw new Error(`${name} has no alias ${system}: mark it as perSystem in handlers.ts`);
    return alias;
  }

  all(): Alias[] {
    return [...this.#aliases.values()];
  }

  /** Both systems when none is named. A grantee of another account gets a resource policy. */
  grantInvoke(name: PerSystem, grantee: IGrantable, system?: System): Grant {
    const systems = system ? [system] : SYSTEMS;
    return systems.map((each) => this.of(name, each).grantInvoke(grantee)).reduce((all, next) => all.combine(next));
  }
}
