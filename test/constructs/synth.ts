/**
 * Synthesizes stacks for the tests, in this process and without AWS. Without bundles, which take seconds and change nothing
 * in a template but the names of assets; `bundles.test.ts` and `synth.test.ts` make them. A resource is found by the path of
 * its construct, which is how people know it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { readContext } from '../../lib/constructs/context.ts';
import { CrossfadeStack } from '../../lib/constructs/stack.ts';

const ROOT = new URL('../../', import.meta.url);

export interface Resource<P> {
  Type: string;
  Properties: P;
  DeletionPolicy?: string;
}

export interface Synthesized {
  app: App;
  stack: CrossfadeStack;
  template: Template;
}

function cdkContext(): Record<string, unknown> {
  return (JSON.parse(readFileSync(new URL('cdk.json', ROOT), 'utf8')) as { context: Record<string, unknown> }).context;
}

/** Where the apps of a file of tests are synthesized: a megabyte each, and gone when the file has ended. */
const OUTPUT = mkdtempSync(join(tmpdir(), 'crossfade-synth-'));
afterAll(() => rmSync(OUTPUT, { recursive: true, force: true }));
let apps = 0;

/** An app that nothing configures. */
export function aBareApp(context: Record<string, unknown> = {}): App {
  return new App({ outdir: join(OUTPUT, String(apps++)), context });
}

/** An app as `cdk.json` configures it, with other values for some keys. */
export function anApp(overrides: Record<string, unknown> = {}): App {
  return aBareApp({ ...cdkContext(), 'aws:cdk:bundling-stacks': [], ...overrides });
}

export function synthesize(overrides: Record<string, unknown> = {}): Synthesized {
  const app = anApp(overrides);
  const context = readContext(app.node);
  const stack = new CrossfadeStack(app, context.stackName, context);
  return { app, stack, template: Template.fromStack(stack) };
}

/** A synthesis takes a second; on a machine that is busy with other tests, far more. For `beforeAll`. */
export const SYNTH_MS = 120_000;

let plain: Synthesized | undefined;

/** The stack that `cdk deploy` would deploy, synthesized once in a file of tests. */
export function thePlainStack(): Synthesized {
  plain ??= synthesize();
  return plain;
}

/** The resources of a type by the path of their construct below `Crossfade/Crossfade`. */
export function resourcesOf<P>({ stack, template }: Synthesized, type: string): Map<string, Resource<P>> {
  const names = namesOf(stack);
  return new Map(
    Object.entries(template.findResources(type)).map(([id, resource]) => [
      names.get(id) ?? id,
      resource as Resource<P>,
    ]),
  );
}

/** What each logical id is called by people. */
export function namesOf(stack: Stack): Map<string, string> {
  const resources = stack.node.findAll().filter((node) => CfnResource.isCfnResource(node));
  return new Map(
    resources.map((resource) => [
      stack.resolve(resource.logicalId) as string,
      resource.node.path
        .split('/')
        .slice(1)
        .filter((part) => part !== 'Resource' && part !== 'Default')
        .join('/')
        .replace(/^Crossfade\//, ''),
    ]),
  );
}

/** The logical id that a value in a template refers to: `Ref`, `Fn::GetAtt`, or a join that begins with one. */
export function referredBy(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const reference = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  return reference.Ref ?? reference['Fn::GetAtt']?.[0] ?? reference['Fn::Join']?.[1].map(referredBy).find(Boolean);
}
