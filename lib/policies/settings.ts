/** The fields of an effective policy one by one, each with the line that says it: for `policy show` and `policy diff`. */
import type { EffectivePolicy } from './resolve.ts';

export interface Setting {
  field: string;
  value: unknown;
  /** Absent: no file says it, so it is the documented default. */
  file?: string;
  line?: number;
}

/** In the order of the schema; without name and hash, which no file says. */
export function listSettings({ policy, files }: EffectivePolicy): Setting[] {
  const { name: _name, hash: _hash, ...said } = policy;
  return leavesOf(said, []).map(({ path, value }) => {
    for (const file of files) {
      const { line, depth } = file.locate(path);
      if (depth === path.length) return { field: path.join('.'), value, file: file.path, line };
    }
    return { field: path.join('.'), value };
  });
}

function leavesOf(value: unknown, path: string[]): { path: string[]; value: unknown }[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
