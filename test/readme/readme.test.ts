import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BLOCKS, blockIn, withBlock } from './blocks.ts';

describe.each(Object.entries(BLOCKS))('%s', (name, blocks) => {
  const file = new URL(`../../${name}`, import.meta.url);
  if (process.env.CROSSFADE_UPDATE) {
    const updated = Object.entries(blocks).reduce(
      (text, [block, render]) => withBlock(text, block, render()),
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, updated);
  }
  const text = readFileSync(file, 'utf8');

  it.each(Object.keys(blocks))('shows %s as the code has it', (block) => {
    expect(blockIn(text, block)).toBe(blocks[block]?.());
  });

  it('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(new URL(link, file)))).toEqual([]);
  });
});
