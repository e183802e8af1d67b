/**
 * How a handler becomes one ESM file. The SDK is in it, at the version that the tests ran with; Lambda's own changes under a
 * deployment. Minified, because a cold start reads all of it. Without a source map: a map holds paths, so that the asset
 * would differ from checkout to checkout and no diff would ever be empty, and reading it slows every cold start. The same
 * commit with `--sourcemap` gives the map of a deployed file.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { HandlerName } from './handlers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** CommonJS packages in the bundle ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  minify: true,
  sourceMap: false,
  bundleAwsSDK: true,
  mainFields: ['module', 'main'],
  banner: REQUIRE,
  logLevel: LogLevel.ERROR,
};

/** Where NodejsFunction finds a handler, wherever the app that deploys it is started. */
export function sourceOf(name: HandlerName) {
  const lockFile = `${ROOT}package-lock.json`;
  return {
    entry: `${ROOT}functions/${name}.ts`,
    projectRoot: ROOT,
    depsLockFilePath: existsSync(lockFile) ? lockFile : `${ROOT}package.json`,
  };
}
