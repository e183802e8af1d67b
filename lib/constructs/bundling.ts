/**
 * How a handler becomes one ESM file. The SDK is in it, at the version that the tests ran with; Lambda's own changes under a
 * deployment. Minified, because a cold start reads all of it. Without a source map: a map holds paths, so that the asset
 * would differ from checkout to checkout and no diff would ever be empty, and reading it slows every cold start. The same
 * commit built with `sourcemap: true` gives the map of a deployed file.
 *
 * All handlers are built at once and in this process, which takes a second. Rejected: NodejsFunction, which starts npx and
 * esbuild for each of them, and wants to find the deploying app's lock file above every entry.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildResult, buildSync } from 'esbuild';
import { HANDLER_NAMES, type HandlerName } from './handlers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = 'index.mjs';

/** CommonJS packages in the bundle ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export type Bundles = BuildResult<{ write: false; metafile: true }>;

let built: Bundles | undefined;

/** Every handler as `HANDLER/index.mjs`, in memory, with what went into each. */
export function buildBundles(): Bundles {
  built ??= buildSync({
    absWorkingDir: ROOT,
    entryPoints: HANDLER_NAMES.map((name) => ({ in: `functions/${name}.ts`, out: `${name}/index` })),
    outdir: 'bundles',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    charset: 'utf8',
    logLevel: 'error',
    metafile: true,
    write: false,
  });
  return built;
}

/** The code of one function, named by what is in it. */
export function codeOf(name: HandlerName): Code {
  return Code.fromAsset(join(ROOT, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below does not decline. The command tells CDK's cache one bundle from the next.
      image: DockerImage.fromRegistry('local'),
      command: [name],
      local: {
        tryBundle(folder) {
          const file = buildBundles().outputFiles.find(({ path }) => path.endsWith(join(name, FILE)));
          if (!file) throw new Error(`esbuild made no bundle of functions/${name}.ts`);
          writeFileSync(join(folder, FILE), file.contents);
          return true;
        },
      },
    },
  });
}
