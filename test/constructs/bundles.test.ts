import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildBundles } from '../../lib/constructs/bundling.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName, type HandlerShape } from '../../lib/constructs/handlers.ts';
import { WRITTEN_BY } from '../../lib/constructs/metrics.ts';
import { resourcesOf, type Synthesized, synthesize } from './synth.ts';

/** Kilobytes, minified. What a run calls is on the way of every partition. Pages carry d3 for their charts. */
const LIMITS = { perSystem: 520, offers: 760, decides: 720, other: 540, calls: 780 };

/** The SDK's packages that a handler uses beside those of DynamoDB. */
const CLIENTS: Partial<Record<HandlerName, string[]>> = {
  ingest: ['@aws-sdk/client-sqs'],
  'fan-out': ['@aws-sdk/client-sfn'],
  hook: ['@aws-sdk/client-lambda'],
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let synthesized: Synthesized;
const folders = new Map<HandlerName, string>();

beforeAll(() => {
  synthesized = synthesize({ 'aws:cdk:bundling-stacks': ['**'] });
  const { outdir } = synthesized.app;
  const functions = resourcesOf<{ Code: { S3Key: string } }>(synthesized, 'AWS::Lambda::Function');
  for (const name of HANDLER_NAMES) {
    const { S3Key } = functions.get(`Functions/${name}`)!.Properties.Code;
    folders.set(name, join(outdir, `asset.${S3Key.replace('.zip', '')}`));
  }
}, 120_000);

const textOf = (name: HandlerName) => readFileSync(join(folders.get(name)!, 'index.mjs'), 'utf8');

/** What went into a bundle, whose text is the deployed one. */
function inputsOf(name: HandlerName): string[] {
  const { metafile, outputFiles } = buildBundles();
  const file = `${name}/index.mjs`;
  expect(outputFiles.find(({ path }) => path.endsWith(`/${file}`))?.text, 'the deployed bundle is this one').toBe(
    textOf(name),
  );
  const inputs = Object.entries(metafile.outputs[`bundles/${file}`]!.inputs);
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

describe('bundles', () => {
  it('are one file each, of bounded size', () => {
    const sizes = HANDLER_NAMES.map((name) => {
      expect(readdirSync(folders.get(name)!), name).toEqual(['index.mjs']);
      const shape: HandlerShape = HANDLERS[name];
      const limit = shape.perSystem
        ? LIMITS.perSystem
        : shape.offers
          ? LIMITS.offers
          : name === 'hook'
            ? LIMITS.calls
            : shape.decides
              ? LIMITS.decides
              : LIMITS.other;
      return { name, kilobytes: Math.ceil(statSync(join(folders.get(name)!, 'index.mjs')).size / 1000), limit };
    });
    process.stdout.write(`bundles, in kB: ${sizes.map(({ name, kilobytes }) => `${name} ${kilobytes}`).join(', ')}\n`);
    expect(sizes.filter(({ kilobytes, limit }) => kilobytes > limit)).toEqual([]);
  });

  it.each(HANDLER_NAMES)('%s carries the SDK clients that it calls, and no other', (name) => {
    const inputs = inputsOf(name);
    const clients = new Set(inputs.flatMap((path) => /node_modules\/(@aws-sdk\/client-[^/]+)/.exec(path)?.[1] ?? []));
    expect([...clients].sort()).toEqual(['@aws-sdk/client-dynamodb', ...(CLIENTS[name] ?? [])].sort());
    expect(inputs.filter((path) => /aws-cdk-lib|lib\/local|lib\/constructs/.test(path))).toEqual([]);
  });

  it('carry no more of zod than they use: `import { z }` would be all of it, with forty languages', () => {
    const own = new Set(HANDLER_NAMES.flatMap(inputsOf).filter((path) => /^(functions|lib)\//.test(path)));
    const whole = [...own].filter((path) => /import \{ z \} from 'zod'/.test(readFileSync(join(ROOT, path), 'utf8')));
    expect(whole, "write `import * as z from 'zod'` instead").toEqual([]);
  });

  it.each(HANDLER_NAMES)('%s gets the variables that it reads, and no other', (name) => {
    const read = new Set(textOf(name).match(/CROSSFADE_[A-Z_]+/g));
    const functions = resourcesOf<{ Environment: { Variables: Record<string, unknown> } }>(
      synthesized,
      'AWS::Lambda::Function',
    );
    const given = Object.keys(functions.get(`Functions/${name}`)!.Properties.Environment.Variables);
    expect(new Set(given)).toEqual(read);
  });

  it.each(HANDLER_NAMES)('%s loads as Lambda loads it', async (name) => {
    const { handler } = (await import(
      /* @vite-ignore */ pathToFileURL(join(folders.get(name)!, 'index.mjs')).href
    )) as { handler: unknown };
    expect(handler).toBeTypeOf('function');
  });

  it.each(Object.entries(WRITTEN_BY))('%s carries the names of the metrics that it writes', (name, metrics) => {
    const text = textOf(name as HandlerName);
    expect(metrics.filter((metric) => !text.includes(metric))).toEqual([]);
  });

  it('hold every function, and every file with a handler is one', () => {
    const files = readdirSync(new URL('../../functions', import.meta.url)).map((file) => file.replace('.ts', ''));
    const handlers = files.filter((file) =>
      /export (async function|function|const) handler\b/.test(
        readFileSync(new URL(`../../functions/${file}.ts`, import.meta.url), 'utf8'),
      ),
    );
    expect(handlers.sort()).toEqual([...HANDLER_NAMES].sort());
  });

  it('the policies go beside them, and only they', () => {
    const [layer] = resourcesOf<{ Content: { S3Key: string } }>(synthesized, 'AWS::Lambda::LayerVersion').values();
    const files = readdirSync(
      join(synthesized.app.outdir, `asset.${layer?.Properties.Content.S3Key.replace('.zip', '')}`),
    );
    expect(files).toContain('default.yaml');
    expect(files.filter((file) => !/\.ya?ml$/.test(file))).toEqual([]);
  });
});
