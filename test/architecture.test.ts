import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkArchitecture, type Finding, type Rule, renderFinding } from './architecture.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files that may be over 300 lines, each with the reason why splitting it would not help a reader. */
const LONG_FILES: Record<string, string> = {};

describe('the source tree', () => {
  const paths = globSync('{bin,functions,lib,test,examples,bench}/**/*.{ts,js}', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules') || path.includes('.work'),
  }).sort();
  const files = paths.map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, 'utf8') }));

  it('keeps every rule of its architecture', () => {
    expect(paths, 'the files were found').toContain('test/architecture.ts');
    expect(checkArchitecture(files, LONG_FILES).map(renderFinding)).toEqual([]);
  });
});

describe('the checker refuses', () => {
  const violations: [rule: Rule, path: string, line: string, message: string][] = [
    ['one-way-imports', 'lib/domain/a.ts', `import { x } from '../controller/x.ts';`, 'imports lib/controller/x.ts'],
    ['one-way-imports', 'lib/domain/a.ts', `import type { X } from '../aws/x.ts';`, 'imports lib/aws/x.ts'],
    [
      'one-way-imports',
      'lib/domain/a.ts',
      `import data from '../../package.json' with { type: 'json' };`,
      'package.json',
    ],
    ['one-way-imports', 'lib/controller/a.ts', `export { x } from '../aws/x.ts';`, 'imports lib/aws/x.ts'],
    ['one-way-imports', 'lib/controller/a.ts', `export * from '../local/x.ts';`, 'imports lib/local/x.ts'],
    [
      'one-way-imports',
      'lib/controller/a.ts',
      `const x = await import('../../functions/assign.ts');`,
      'functions/assign.ts',
    ],
    ['one-way-imports', 'lib/controller/a.ts', `type X = import('../cli/x.ts').X;`, 'imports lib/cli/x.ts'],
    ['one-way-imports', 'lib/browser/a.js', `import { x } from '../view/x.ts';`, 'imports lib/view/x.ts'],
    ['one-way-imports', 'lib/view/a.ts', `import '../controller/x.ts';`, 'imports lib/controller/x.ts'],
    ['one-way-imports', 'lib/aws/a.ts', `import { x } from '../local/x.ts';`, 'imports lib/local/x.ts'],
    ['one-way-imports', 'lib/constructs/a.ts', `import { x } from '../../functions/x.ts';`, 'imports functions/x.ts'],
    ['one-way-imports', 'functions/a.ts', `import { x } from '../lib/local/x.ts';`, 'imports lib/local/x.ts'],
    ['one-way-imports', 'lib/local/a.ts', `import { x } from '../cli/x.ts';`, 'imports lib/cli/x.ts'],
    ['one-way-imports', 'lib/cli/a.ts', `import { x } from '../../test/builders.ts';`, 'imports test/builders.ts'],
    ['one-way-imports', 'bin/a.ts', `import { x } from '../examples/flights/x.ts';`, 'imports examples/flights/x.ts'],
    ['one-way-imports', 'lib/local/a.ts', `const x = await import(name);`, 'imports a computed name'],
    ['one-way-imports', 'lib/cli/a.ts', `import { x } from '#controller/x.ts';`, 'imports "#controller/x.ts"'],
    ['known-layer', 'lib/utils/a.ts', `export const x = 1;`, 'lies in no layer'],
    ['known-layer', 'lib/a.ts', `export const x = 1;`, 'lies in no layer'],
    ['domain-is-pure', 'lib/domain/a.ts', `import { parse } from 'yaml';`, 'imports "yaml"'],
    ['domain-is-pure', 'lib/domain/a.ts', `import { createHash } from 'node:crypto';`, 'imports "node:crypto"'],
    ['domain-is-pure', 'lib/domain/a.ts', `const fs = require('node:fs');`, 'imports "node:fs"'],
    ['domain-is-pure', 'lib/domain/a.ts', `const at = Date.now();`, 'calls Date.now'],
    ['domain-is-pure', 'lib/domain/a.ts', `const at = Date['now']();`, 'uses Date'],
    ['domain-is-pure', 'lib/domain/a.ts', `const at = new Date();`, 'calls new Date() without an argument'],
    ['domain-is-pure', 'lib/domain/a.ts', `const at = new Date;`, 'calls new Date() without an argument'],
    ['domain-is-pure', 'lib/domain/a.ts', `const at = Date();`, 'uses Date'],
    ['domain-is-pure', 'lib/domain/a.ts', `const { now } = Date;`, 'uses Date'],
    ['domain-is-pure', 'lib/domain/a.ts', `const x = Math.random();`, 'calls Math.random'],
    ['domain-is-pure', 'lib/domain/a.ts', `const { random } = Math;`, 'passes Math around'],
    ['domain-is-pure', 'lib/domain/a.ts', `const home = process.env.HOME;`, 'uses process'],
    ['domain-is-pure', 'lib/domain/a.ts', `const x = (globalThis as Any).Date;`, 'uses globalThis'],
    ['domain-is-pure', 'lib/domain/a.ts', `const x = { performance };`, 'uses performance'],
    ['domain-is-pure', 'lib/domain/a.ts', `const x = crypto.randomUUID();`, 'uses crypto'],
    ['domain-is-pure', 'lib/domain/a.ts', `const x = import.meta.url;`, 'reads import.meta'],
    ['aws-sdk-in-adapters', 'lib/controller/a.ts', `import { x } from '@aws-sdk/client-sfn';`, 'imports "@aws-sdk/'],
    ['aws-sdk-in-adapters', 'functions/a.ts', `import type { X } from '@aws-sdk/lib-dynamodb';`, 'imports "@aws-sdk/'],
    ['aws-sdk-in-adapters', 'lib/cli/a.ts', `import { x } from '@smithy/types';`, 'imports "@smithy/types"'],
    ['cdk-in-constructs', 'lib/aws/a.ts', `import { Stack } from 'aws-cdk-lib';`, 'imports "aws-cdk-lib"'],
    ['cdk-in-constructs', 'bin/crossfade.ts', `import { x } from 'aws-cdk-lib/aws-lambda';`, 'imports "aws-cdk-lib/'],
    ['cdk-in-constructs', 'lib/controller/a.ts', `import { Construct } from 'constructs';`, 'imports "constructs"'],
    ['syntax', 'lib/domain/a.ts', `const = 1;`, 'cannot be parsed'],
  ];

  it.each(violations)('%s: %s with %s', (rule, path, source, message) => {
    const onLine3 = rule !== 'known-layer' && rule !== 'syntax';
    const findings = checkArchitecture([{ path, text: `/** A header. */\n\n${source}\n` }]);
    expect(findings).toEqual([
      { path, line: onLine3 ? 3 : 1, rule, message: expect.stringContaining(message) } satisfies Finding,
    ]);
  });

  it('readable-size: 301 lines without a reason', () => {
    expect(checkArchitecture([aFileOf(301)])).toMatchObject([{ rule: 'readable-size', line: 1 }]);
    expect(checkArchitecture([aFileOf(301)], { 'lib/domain/a.ts': '' })).toHaveLength(1);
  });

  it('readable-size: a reason for a file that is short again, or gone', () => {
    const reasons = { 'lib/domain/a.ts': 'one table', 'lib/domain/gone.ts': 'one table' };
    expect(checkArchitecture([aFileOf(300)], reasons).map(renderFinding)).toEqual([
      'lib/domain/a.ts:1 [readable-size] is listed as a long file, but has 300 lines; take it off the list',
      'lib/domain/gone.ts:1 [readable-size] is listed as a long file, but has no lines; take it off the list',
    ]);
  });

  it('with a message that names file, line and rule', () => {
    const text = `const at = 1;\nexport const later = at + Date.now();\n`;
    expect(checkArchitecture([{ path: 'lib/domain/a.ts', text }]).map(renderFinding)).toEqual([
      'lib/domain/a.ts:2 [domain-is-pure] calls Date.now; the domain takes it as an argument',
    ]);
  });
});

describe('the checker allows', () => {
  const allowed: [path: string, line: string][] = [
    ['lib/domain/a.ts', `import { x } from './x.ts';`],
    ['lib/domain/criteria/a.ts', `import { x } from '../x.ts';`],
    ['lib/domain/a.ts', `import { z } from 'zod';\nimport ms from 'ms';`],
    ['lib/domain/a.ts', `const at = new Date(now).getTime() + Date.parse(text) + Date.UTC(2026, 1);`],
    ['lib/domain/a.ts', `const isDate = x instanceof Date;`],
    ['lib/domain/a.ts', `const x = Math.max(1, Math.floor(2));`],
    ['lib/domain/a.ts', `// Date.now() and process.env\nconst x = 'new Date() in \`process\`, Math.random';`],
    ['lib/domain/a.ts', `interface X { process: string; at: Date }\nconst y = (x: X) => x.process;`],
    ['lib/domain/a.ts', `const x = { performance: 1, process() {} };`],
    ['lib/controller/a.ts', `import { x } from '../domain/x.ts';\nconst at = Date.now();`],
    ['lib/view/a.ts', `import { x } from '../domain/x.ts';`],
    ['functions/a.ts', `import { x } from '../lib/controller/x.ts';\nimport { y } from '../lib/aws/y.ts';`],
    [
      'lib/local/a.ts',
      `import { handler } from '../../functions/assign.ts';\nimport { x } from '@aws-sdk/client-sfn';`,
    ],
    ['lib/local/a.ts', `import asl from '../constructs/evaluation.asl.json' with { type: 'json' };`],
    ['lib/aws/a.ts', `import { x } from '@aws-sdk/lib-dynamodb';\nimport { y } from '../controller/y.ts';`],
    ['lib/constructs/a.ts', `import { Stack } from 'aws-cdk-lib';\nimport { Construct } from 'constructs';`],
    ['bin/app.ts', `import { App } from 'aws-cdk-lib';`],
    ['test/a.test.ts', `import { Template } from 'aws-cdk-lib/assertions';\nimport { x } from '../lib/local/x.ts';`],
    ['examples/flights/a.ts', `import { LambdaClient } from '@aws-sdk/client-lambda';`],
  ];

  it.each(allowed)('%s with %s', (path, source) => {
    expect(checkArchitecture([{ path, text: `${source}\n` }]).map(renderFinding)).toEqual([]);
  });

  it('300 lines, and more with a reason', () => {
    expect(checkArchitecture([aFileOf(300)])).toEqual([]);
    expect(checkArchitecture([aFileOf(301)], { 'lib/domain/a.ts': 'one table' })).toEqual([]);
  });
});

function aFileOf(lines: number) {
  return { path: 'lib/domain/a.ts', text: '// a line\n'.repeat(lines) };
}
