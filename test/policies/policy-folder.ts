/** Folders of policies for tests, each in a folder of its own that goes with the test's file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readPolicies } from '../../lib/policies/load.ts';
import type { EffectivePolicy } from '../../lib/policies/resolve.ts';

const root = mkdtempSync(join(tmpdir(), 'crossfade-policies-'));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;

/** Beside what is given there is a well `default.yaml`. */
export function aPolicyFolder(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(root, `${count++}-`));
  for (const [name, content] of Object.entries({ 'default.yaml': 'automation: observe\n', ...files })) {
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function effective(files: Record<string, string>, name: string): EffectivePolicy {
  const found = readPolicies(aPolicyFolder(files)).policies.find(({ policy }) => policy.name === name);
  if (!found) throw new Error(`no policy ${name}`);
  return found;
}

/** The problems' lines without the folder, or nothing when all is well. */
export function problemsOf(files: Record<string, string | Buffer>): string[] {
  const folder = aPolicyFolder(files);
  try {
    readPolicies(folder);
    return [];
  } catch (error) {
    const [, ...lines] = (error as Error).message.replaceAll(`${folder}/`, '').split('\n');
    return lines.slice(0, -1);
  }
}
