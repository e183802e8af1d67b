import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BLOCKS, blockIn, withBlock } from './blocks.ts';

const README = new URL('../../README.md', import.meta.url);

describe('the README', () => {
  if (process.env.CROSSFADE_UPDATE) {
    const updated = Object.entries(BLOCKS).reduce(
      (text, [name, render]) => withBlock(text, name, render()),
      readFileSync(README, 'utf8'),
    );
    writeFileSync(README, updated);
  }
  const text = readFileSync(README, 'utf8');

  it.each(Object.keys(BLOCKS))('shows %s as the code has it', (name) => {
    expect(blockIn(text, name)).toBe(BLOCKS[name]?.());
  });

  it('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(new URL(`../../${link}`, import.meta.url)))).toEqual([]);
  });
});
