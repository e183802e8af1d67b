/**
 * The rules that the shape of the source tree keeps, as a pure function from source texts to findings: imports go one
 * way, the AWS SDK and the CDK stay in their folders, the domain knows no clock and no randomness, files stay readable.
 * It works on the syntax tree, so that a comment or a string never counts. `architecture.test.ts` runs it over the
 * repository, and feeds it a violation of every rule.
 */
import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  path: string;
  text: string;
}

export interface Finding {
  path: string;
  line: number;
  rule: Rule;
  message: string;
}

export type Rule =
  | 'syntax'
  | 'known-layer'
  | 'one-way-imports'
  | 'domain-is-pure'
  | 'aws-sdk-in-adapters'
  | 'cdk-in-constructs'
  | 'readable-size';

const LIB = ['domain', 'controller', 'view', 'policies', 'aws', 'constructs', 'local', 'cli'].map(
  (name) => `lib/${name}`,
);

/** What each layer may import beside itself. A folder that is not here has no place in the order yet. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'lib/domain': [],
  'lib/controller': ['lib/domain'],
  'lib/view': ['lib/domain'],
  // Served to browsers as it is: it can import nothing that is not served.
  'lib/browser': [],
  'lib/policies': ['lib/domain', 'lib/controller'],
  'lib/aws': ['lib/domain', 'lib/controller'],
  'lib/constructs': ['lib/domain', 'lib/controller', 'lib/policies', 'lib/aws'],
  functions: ['lib/domain', 'lib/controller', 'lib/policies', 'lib/aws', 'lib/view'],
  // The local runtime runs the unmodified handlers, so it stands above them.
  'lib/local': ['lib/domain', 'lib/controller', 'lib/view', 'lib/policies', 'lib/aws', 'functions'],
  'lib/cli': ['lib/domain', 'lib/controller', 'lib/view', 'lib/policies', 'lib/aws', 'lib/local'],
  bin: LIB,
  examples: [...LIB, 'functions', 'bin'],
  bench: [...LIB, 'functions', 'bin', 'examples', 'test'],
  test: [...LIB, 'lib/browser', 'functions', 'bin', 'examples', 'bench'],
};

const DOMAIN_PACKAGES = ['zod', 'ms'];
const USERS = ['examples', 'test', 'bench'];
const SDK_LAYERS = ['lib/aws', 'lib/local', ...USERS];
const SDK_PACKAGE = /^(@aws-sdk\/|@smithy\/|aws-sdk$)/;
const CDK_PACKAGE = /^(aws-cdk-lib|constructs|cdk-nag|@aws-cdk\/.+)$/;
const MAX_LINES = 300;

/** Values that the domain must be given instead of reaching for them. `Date` and `Math` have rules of their own. */
const AMBIENT = new Set(
  'process globalThis global performance crypto console fetch eval setTimeout setInterval setImmediate'.split(' '),
);

/** The findings of `files`, in their order. `longFiles` gives the reason of each file that may be over 300 lines. */
export function checkArchitecture(files: readonly SourceFile[], longFiles: Record<string, string> = {}): Finding[] {
  const lengths = new Map(files.map((file) => [file.path, countLines(file.text)]));
  const stale = Object.keys(longFiles).filter((path) => (lengths.get(path) ?? 0) <= MAX_LINES);
  return [
    ...files.flatMap((file) => checkFile(file, longFiles)),
    ...stale.map((path) => ({
      path,
      line: 1,
      rule: 'readable-size' as const,
      message: `is listed as a long file, but has ${lengths.get(path) ?? 'no'} lines; take it off the list`,
    })),
  ];
}

export function renderFinding({ path, line, rule, message }: Finding): string {
  return `${path}:${line} [${rule}] ${message}`;
}

function checkFile(file: SourceFile, longFiles: Record<string, string>): Finding[] {
  const found: Finding[] = [];
  const layer = layerOf(file.path);
  const report: Report = (offset, rule, message) =>
    found.push({ path: file.path, line: file.text.slice(0, offset).split('\n').length, rule, message });

  const lines = countLines(file.text);
  if (lines > MAX_LINES && !longFiles[file.path])
    report(0, 'readable-size', `has ${lines} lines, over ${MAX_LINES}; split it, or list it with a reason`);
  if (layer === undefined) {
    report(0, 'known-layer', `lies in no layer that MAY_IMPORT in test/architecture.ts knows; give its folder a place`);
    return found;
  }

  const program = parseSource(file, report);
  if (program === undefined) return found;
  walk(program, (node, parent) => {
    const specifier = importedBy(node);
    if (specifier !== undefined)
      checkImport(file.path, layer, specifier, (rule, text) => report(node.start, rule, text));
    if (layer === 'lib/domain') {
      const impurity = impurityOf(node, parent);
      if (impurity) report(node.start, 'domain-is-pure', `${impurity}; the domain takes it as an argument`);
    }
  });
  return found;
}

type Report = (offset: number, rule: Rule, message: string) => void;

function checkImport(
  from: string,
  layer: string,
  specifier: string | null,
  report: (rule: Rule, text: string) => void,
): void {
  if (specifier === null) {
    if (!USERS.includes(layer)) report('one-way-imports', `imports a computed name, which nobody can check; name it`);
    return;
  }
  if (specifier.startsWith('#') || specifier.startsWith('/') || specifier.startsWith('file:')) {
    report('one-way-imports', `imports "${specifier}"; files of the repository are imported by relative path`);
    return;
  }
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(from), specifier);
    const targetLayer = layerOf(target);
    // Data (package.json, the state machine) is not code that depends on anything.
    if (targetLayer === layer || (layer !== 'lib/domain' && target.endsWith('.json'))) return;
    const allowed = MAY_IMPORT[layer] ?? [];
    if (targetLayer === undefined || !allowed.includes(targetLayer))
      report('one-way-imports', `imports ${target}; ${layer} may import only ${listed([layer, ...allowed])}`);
    return;
  }
  const packageName = nameOfPackage(specifier);
  if (layer === 'lib/domain' && !DOMAIN_PACKAGES.includes(packageName))
    report('domain-is-pure', `imports "${specifier}"; the domain may import only lib/domain, zod and ms`);
  if (SDK_PACKAGE.test(specifier) && !SDK_LAYERS.includes(layer))
    report('aws-sdk-in-adapters', `imports "${specifier}"; only lib/aws and lib/local may use the AWS SDK`);
  if (CDK_PACKAGE.test(packageName) && layer !== 'lib/constructs' && layer !== 'test' && from !== 'bin/app.ts')
    report('cdk-in-constructs', `imports "${specifier}"; only lib/constructs and bin/app.ts may use the CDK`);
}

/** What a node of the domain reaches for that is not pure, as a phrase, or nothing. */
function impurityOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'MetaProperty') return 'reads import.meta';
  if (node.type !== 'Identifier' || parent === undefined || !isValueReference(node, parent)) return undefined;
  const { name } = node;
  if (name === 'Date') return impureDate(node, parent);
  if (name === 'Math') {
    const member = memberOf(node, parent);
    if (member === undefined) return 'passes Math around, and with it Math.random';
    return member === 'random' ? 'calls Math.random' : undefined;
  }
  return AMBIENT.has(name as string) ? `uses ${name}` : undefined;
}

function impureDate(node: Node, parent: Node): string | undefined {
  if (parent.type === 'NewExpression' && parent.callee === node)
    return (parent.arguments as Node[]).length > 0 ? undefined : 'calls new Date() without an argument';
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof') return undefined;
  const member = memberOf(node, parent);
  if (member === 'now') return 'calls Date.now';
  return member === 'parse' || member === 'UTC' ? undefined : 'uses Date in a way that can read the clock';
}

/** `parse` of `Date.parse`; nothing where the object is used otherwise, or the member is computed. */
function memberOf(node: Node, parent: Node): string | undefined {
  if (parent.type !== 'MemberExpression' || parent.object !== node || parent.computed) return undefined;
  return (parent.property as Node).name as string;
}

/** Type positions in which an identifier is still evaluated. */
const VALUE_WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion']);
const NAMED_KEYS = new Set(['Property', 'PropertyDefinition', 'MethodDefinition', 'AccessorProperty']);

function isValueReference(node: Node, parent: Node): boolean {
  if (parent.type.startsWith('TS')) return VALUE_WRAPPERS.has(parent.type);
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed === true;
  if (NAMED_KEYS.has(parent.type)) return parent.value === node || parent.computed === true;
  return parent.type !== 'ImportSpecifier' && parent.type !== 'LabeledStatement';
}

/** The module that a node imports, `null` where its name is computed, nothing where it imports none. */
function importedBy(node: Node): string | null | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source);
    case 'ExportNamedDeclaration':
      return node.source ? literal(node.source) : undefined;
    case 'CallExpression': {
      const callee = node.callee as Node;
      return callee.type === 'Identifier' && callee.name === 'require'
        ? literal((node.arguments as Node[])[0])
        : undefined;
    }
    default:
      return undefined;
  }
}

function literal(node: unknown): string | null {
  const value = (node as Node | undefined)?.value;
  return typeof value === 'string' ? value : null;
}

/** A node of the syntax tree, as loosely as a walk over all of them needs it. */
interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

function parseSource(file: SourceFile, report: Report): Node | undefined {
  try {
    return parseAst(file.text, { lang: 'ts' }, file.path) as unknown as Node;
  } catch (error) {
    report(0, 'syntax', `cannot be parsed: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

function walk(node: Node, visit: (node: Node, parent?: Node) => void, parent?: Node): void {
  visit(node, parent);
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function layerOf(path: string): string | undefined {
  const [top = '', folder = ''] = path.split('/');
  const layer = top === 'lib' ? `lib/${folder}` : top;
  return Object.hasOwn(MAY_IMPORT, layer) ? layer : undefined;
}

function nameOfPackage(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
