/**
 * One YAML file of policies as text: its content, and the line and column of everything in it. What keeps it from being
 * read at all is said here (size, encoding, syntax, a key said twice); what its fields mean is none of its business.
 */
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Position, Problem } from './problem.ts';

/** A policy is a page; what is longer is another file by mistake. */
const MAX_BYTES = 65_536;
/** One slip of syntax can make every line after it an error. */
const MAX_SYNTAX_ERRORS = 5;

export interface Located extends Position {
  /** How many steps of the path the file has. */
  depth: number;
}

export interface PolicyFile {
  path: string;
  /** Nothing where the file cannot be read. */
  content?: Record<string, unknown>;
  problems: Problem[];
  /** The deepest place on the way to a field that the file has: of a plain value the value, unless the key is asked for. */
  locate(path: readonly PropertyKey[], of?: 'key'): Located;
}

export function readPolicyFile(path: string): PolicyFile {
  const unread = (message: string, line = 1): PolicyFile => ({
    path,
    problems: [{ file: path, line, column: 1, message }],
    locate: () => ({ line, column: 1, depth: 0 }),
  });
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return unread('this is no file; a policy is a YAML file of its own');
  if (stat.size > MAX_BYTES) return unread(`the file has ${stat.size} bytes, ${MAX_BYTES} are allowed`);
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) return unread('this line is no UTF-8 text; save the file as UTF-8', firstLineOfNoText(bytes));
  return parseText(path, new TextDecoder().decode(bytes), unread);
}

function parseText(path: string, text: string, unread: (message: string, line?: number) => PolicyFile): PolicyFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const said = [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_ERRORS);
  const problems = said.map((error) => ({ file: path, ...at(error.pos[0]), message: describeSyntax(error, text) }));
  const locate = (steps: readonly PropertyKey[], of?: 'key'): Located => {
    const { offset, depth } = findNode(document, steps, of === 'key');
    return { ...at(offset), depth };
  };
  // With a key said twice the rest is still worth a look; after any other slip it is not what was meant.
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { path, problems, locate };
  if (document.contents === null) {
    return unread('the file says nothing; an empty policy is written as {}, with every field at its default');
  }
  const content = readContent(document);
  if (content === undefined) return unread('aliases in the file refer to each other too often to be a policy');
  if (!isRecord(content)) {
    const what = Array.isArray(content) ? 'a list' : 'a single value';
    return { ...unread(`this is ${what}; a policy is a map of fields, each \`field: value\``), locate };
  }
  return { path, content, problems, locate };
}

function readContent(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const SYNTAX: Partial<Record<YAMLError['code'], string>> = {
  MULTIPLE_DOCS: 'a second document begins after this one; each policy is a file of its own',
  TAB_AS_INDENT: 'a tab indents this line, where YAML wants spaces',
  TAG_RESOLVE_FAILED: 'an unknown tag; policies are plain maps, lists, text, numbers, true and false',
};

function describeSyntax({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^[\w-]{1,64}/.exec(text.slice(pos[0]))?.[0] ?? 'this key';
    return `${key}: said twice in the same map; keep one of them`;
  }
  return SYNTAX[code] ?? `this is no YAML: ${message.replace(/\s+/g, ' ')}`;
}

/** Newlines are never part of a longer character, so the bad byte is in the first line that is no text. */
function firstLineOfNoText(bytes: Buffer): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    if (!isUtf8(bytes.subarray(from, end < 0 ? bytes.length : end))) return line;
    if (end < 0) break;
    from = end + 1;
  }
  return line;
}

function findNode(document: Document, steps: readonly PropertyKey[], keys: boolean): { offset: number; depth: number } {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, step] of steps.entries()) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    const next = childOf(inside ?? null, step);
    if (!next) return { offset, depth };
    node = next.value;
    const plain = !keys && isScalar(node) && node.value !== null;
    offset = (plain ? node?.range?.[0] : undefined) ?? next.offset;
  }
  return { offset, depth: steps.length };
}

function childOf(parent: Node | null, step: PropertyKey): { value: Node | null; offset: number } | undefined {
  if (isMap<Node, Node | null>(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { value: pair.value, offset: pair.key.range?.[0] ?? 0 };
  }
  if (!isSeq<Node>(parent)) return undefined;
  const item = parent.items[Number(step)];
  return item && { value: item, offset: item.range?.[0] ?? 0 };
}
