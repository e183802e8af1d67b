import { describe, expect, it } from 'vitest';
import { PALETTE, renderThemed, STYLES, THEMES, type Theme } from '../../lib/view/theme.ts';

/** Text of one colour on the other, as the style sheet lays them. */
const TEXTS: [text: keyof (typeof PALETTE)['light'], on: keyof (typeof PALETTE)['light']][] = [
  ['ink', 'page'],
  ['ink', 'panel'],
  ['faint', 'page'],
  ['faint', 'panel'],
  ['accent', 'page'],
  ['accent', 'panel'],
  ['on-accent', 'accent'],
  ['good', 'good-soft'],
  ['warn', 'warn-soft'],
  ['bad', 'bad-soft'],
];
/** Marks and lines of charts. */
const MARKS = [
  'good',
  'bad',
  'warn',
  'old',
  'new',
  'pending',
  'shadow',
  'reverse-shadow',
  'cleanup',
  'complete',
] as const;

describe.each(THEMES)('the %s theme', (theme) => {
  it.each(TEXTS)('%s on %s can be read', (text, on) => {
    expect(contrast(PALETTE[theme][text], PALETTE[theme][on])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(MARKS)('%s stands out from the page', (mark) => {
    expect(contrast(PALETTE[theme][mark], PALETTE[theme].page)).toBeGreaterThanOrEqual(3);
  });
});

describe('the style sheet', () => {
  it('knows every colour that it uses', () => {
    const used = new Set([...STYLES.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name));
    expect([...used].filter((name) => !(name! in PALETTE.light))).toEqual([]);
  });

  it('asks for nothing from elsewhere', () => {
    expect(STYLES).not.toMatch(/url\(|@import|@font-face|http/);
  });

  it('touches nothing outside its own part of the page', () => {
    const selectors = STYLES.replace(/@media[^{]*\{(.*?\})\}/g, '$1').matchAll(/(?:^|[}\n])\s*([^{}\n]+)\{/g);
    const stray = [...selectors].flatMap(([, list]) => list!.split(',')).filter((one) => !one.startsWith('.crossfade'));
    expect(stray).toEqual([]);
  });

  it("follows the browser, unless it is told the console's theme", () => {
    expect(STYLES).toContain('@media (prefers-color-scheme:dark){.crossfade:not(.light){');
    const classOf = (shown?: Theme) => /^<div class="([^"]*)">/.exec(renderThemed('x', shown).toString())?.[1];
    expect([classOf(), classOf('light'), classOf('dark')]).toEqual([
      'crossfade widget',
      'crossfade widget light',
      'crossfade widget dark',
    ]);
  });
});

/** As WCAG defines it. */
function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
