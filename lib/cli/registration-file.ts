/**
 * Reads files of jobs: JSON Lines, CSV or YAML (a list, or a list under `jobs`). Every job comes with the number of its
 * line. What cannot be read is a problem of its line and never of the lines beside it. Called by `register`, which knows
 * what a job is; this file does not.
 */
import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import { parse as parseCsv } from 'csv-parse/sync';
import { isMap, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { CliError } from './connection.ts';

export const FORMATS = ['jsonl', 'csv', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

export interface Row {
  line: number;
  value?: unknown;
  /** Why there is no value. */
  problem?: string;
}

/** More than the largest job that `register` takes. */
const MAX_LINE = 65_536;
const EXTENSIONS: Record<string, Format> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  yaml: 'yaml',
  yml: 'yaml',
  // JSON is YAML, and a list of jobs in one value is read as such.
  json: 'yaml',
};

/** @param file `-` is standard input. */
export async function readRegistrations(file: string, format: Format | undefined): Promise<Row[]> {
  const found =
    format ?? EXTENSIONS[/\.([a-z]+)$/.exec(file.toLowerCase())?.[1] ?? ''] ?? (file === '-' ? 'jsonl' : undefined);
  if (!found)
    throw new CliError(`${file}: the name does not say the format: name it with --format ${FORMATS.join('|')}`, 2);
  return READERS[found](await readText(file));
}

async function readText(file: string): Promise<string> {
  const text = file === '-' ? await readStream(process.stdin) : readNamed(file);
  return text.replace(/^\ufeff/, '');
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`, 2);
  }
}

const READERS: Record<Format, (text: string) => Row[]> = { jsonl: readJsonLines, csv: readCsv, yaml: readYaml };

export function readJsonLines(text: string): Row[] {
  return text.split('\n').flatMap((content, index): Row[] => {
    const line = index + 1;
    if (content.trim() === '') return [];
    if (content.length > MAX_LINE) {
      return [{ line, problem: `the line has ${content.length} characters, ${MAX_LINE} are allowed` }];
    }
    try {
      return [{ line, value: JSON.parse(content) as unknown }];
    } catch (error) {
      return [{ line, problem: `not JSON: ${(error as Error).message}` }];
    }
  });
}

/** The first line names the fields; a dot in a name goes inside: `labels.tier`, `targets.production`, `cadence.every`. */
export function readCsv(text: string): Row[] {
  const rows: Row[] = [];
  const records = parseCsv(text, {
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_LINE,
    skip_records_with_error: true,
    on_skip: (error) => {
      rows.push({ line: Number(error?.lines ?? 0), problem: error?.message ?? 'not CSV' });
      return undefined;
    },
  }) as unknown as { info: { lines: number }; record: string[] }[];
  const [head, ...body] = records;
  const columns = head?.record ?? [];
  for (const { info, record } of body) {
    if (record.length !== columns.length) {
      rows.push({ line: info.lines, problem: `${record.length} cells, and the first line names ${columns.length}` });
      continue;
    }
    rows.push({ line: info.lines, value: jobOf(columns, record) });
  }
  return rows.sort((a, b) => a.line - b.line);
}

const NUMBERS = new Set(['wave', 'weight']);
const NESTED = new Set(['labels', 'targets', 'cadence']);

/** An empty cell says nothing. Entries are defined, never assigned: a column may be called `__proto__`. */
function jobOf(columns: readonly string[], cells: readonly string[]): object {
  const fields: [string, unknown][] = [];
  const inner = new Map<string, [string, unknown][]>();
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (cell === '') continue;
    const dot = column.indexOf('.');
    const outer = column.slice(0, Math.max(0, dot));
    const value = NUMBERS.has(column) && /^\d+$/.test(cell) ? Number(cell) : cell;
    if (NESTED.has(outer)) inner.set(outer, [...(inner.get(outer) ?? []), [column.slice(dot + 1), value]]);
    else fields.push([column, value]);
  }
  for (const [outer, entries] of inner) fields.push([outer, Object.fromEntries(entries)]);
  return Object.fromEntries(fields);
}

export function readYaml(text: string): Row[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const [broken] = document.errors;
  if (broken)
    return [{ line: lineAt(broken.pos[0]), problem: `not YAML: ${broken.message}; nothing of the file was read` }];
  const { contents } = document;
  const list = isMap(contents) ? contents.get('jobs', true) : contents;
  if (!isSeq(list)) return [{ line: 1, problem: 'a list of jobs is wanted, or `jobs:` with one' }];
  return list.items.map((item) => {
    const line = lineAt((item as ParsedNode).range?.[0] ?? 0);
    try {
      return { line, value: (item as ParsedNode).toJS(document) as unknown };
    } catch (error) {
      return { line, problem: (error as Error).message };
    }
  });
}
