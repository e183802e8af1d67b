/**
 * The results as one SVG, in a light and a dark palette: for four noise models, how often a rule demotes healthy jobs
 * against how long it takes to notice a regression, with Lorden's bound; below, how many jobs that are 1.3 times slower
 * each rule promotes, a dot for every noise model. What is best lies at the bottom left, and at the left.
 */
import { figuresOf, type Results } from './results.ts';
import { percentOf } from './targets.ts';

interface Palette {
  paper: string;
  ink: string;
  faint: string;
  rules: readonly string[];
}

export const PALETTES: Record<'light' | 'dark', Palette> = {
  light: {
    paper: '#ffffff',
    ink: '#1f2328',
    faint: '#d0d7de',
    rules: ['#0969da', '#d1242f', '#8c959f', '#bf3989', '#bc6c25', '#1a7f37', '#6639ba'],
  },
  dark: {
    paper: '#0d1117',
    ink: '#e6edf3',
    faint: '#30363d',
    rules: ['#58a6ff', '#ff7b72', '#8b949e', '#f778ba', '#e3a15f', '#56d364', '#bc8cff'],
  },
};

const PANELS = ['lognormal-0.2', 'lognormal-0.5', 'tails-5%', 'ar-0.7'];
const WIDTH = 960;
const PANEL = { width: 190, height: 210, left: 56, top: 84, gap: 38 };
const STRIP = { top: 390, row: 22, left: 110, width: 780 };

export function renderPlot(results: Results, palette: Palette): string {
  const rules = Object.keys(results.rules);
  const panels = PANELS.filter((model) => results.models[model] !== undefined);
  const height = STRIP.top + rules.length * STRIP.row + 50;
  const body = [
    text(20, 24, 'False demotions against the delay of true ones', { size: 15, weight: 600 }),
    ...legend(rules, palette),
    ...panels.flatMap((model, i) => panel(results, model, PANEL.left + i * (PANEL.width + PANEL.gap), palette)),
    text(
      20,
      STRIP.top - 24,
      'Jobs 1.3 times slower that are promoted within 400 landings, a dot for every noise model',
      {
        size: 15,
        weight: 600,
      },
    ),
    ...strip(results, rules, palette),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" fill="${palette.ink}" role="img" aria-label="False demotions, detection delays and false promotions by rule">`,
    `<rect width="${WIDTH}" height="${height}" fill="${palette.paper}"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function legend(rules: readonly string[], palette: Palette): string[] {
  const names = rules.map((rule, i) => {
    const x = 24 + i * 100;
    return circle(x, 46, 5, palette.rules[i]!) + text(x + 10, 50, rule, { size: 12 });
  });
  const x = 24 + rules.length * 100;
  return [
    ...names,
    circle(x, 46, 5, 'none', palette.ink) + text(x + 10, 50, 'doubling', { size: 12 }),
    diamond(x + 84, 46, palette.ink) + text(x + 95, 50, '1.3-fold', { size: 12 }),
  ];
}

function panel(results: Results, model: string, left: number, palette: Palette): string[] {
  const { top, width, height } = PANEL;
  const x = (percent: number) =>
    left + 18 + ((width - 30) * Math.log10(Math.max(percent, 0.005) / 0.005)) / Math.log10(20_000);
  const y = (landings: number | null | undefined) =>
    landings === null || landings === undefined
      ? top + 8
      : top + height - ((height - 26) * Math.log(Math.max(4, landings) / 4)) / Math.log(120);
  const parts = [
    text(left, top - 8, results.models[model]!, { size: 12, weight: 600 }),
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${palette.faint}"/>`,
  ];
  for (const [percent, label] of [
    [0.005, '0'],
    [0.1, '0.1'],
    [1, '1'],
    [10, '10'],
    [100, '100 %'],
  ] as const) {
    parts.push(line(x(percent), top + height, x(percent), top + height + 4, palette.ink));
    parts.push(text(x(percent), top + height + 16, label, { size: 10, anchor: 'middle' }));
  }
  for (const landings of [6, 12, 24, 48, 120, 240, 480]) {
    parts.push(line(left, y(landings), left + width, y(landings), palette.faint));
    parts.push(text(left - 5, y(landings) + 3, String(landings), { size: 10, anchor: 'end' }));
  }
  parts.push(text(left - 5, y(null) + 3, 'never', { size: 10, anchor: 'end' }));
  for (const ratio of ['2', '1.3'] as const) {
    const bound = results.bounds[model]?.[ratio];
    if (bound === undefined) continue;
    const dashes = ratio === '2' ? '2 3' : '7 3';
    parts.push(line(left, y(bound), left + width, y(bound), palette.ink, dashes));
    parts.push(
      text(left + width - 3, y(bound) - 3, `bound, ${ratio === '2' ? 'doubling' : '1.3-fold'}`, {
        size: 9,
        anchor: 'end',
      }),
    );
  }
  Object.keys(results.rules).forEach((rule, i) => {
    const { falseDemotions, delays } = figuresOf(results, rule, model);
    const at = x(percentOf(falseDemotions));
    parts.push(circle(at, y(delays['2'].median), 4.5, palette.rules[i]!));
    parts.push(diamond(at, y(delays['1.3'].median), palette.rules[i]!));
  });
  parts.push(
    text(left + width / 2, top + height + 32, 'healthy jobs demoted within 240', { size: 10, anchor: 'middle' }),
  );
  return parts;
}

function strip(results: Results, rules: readonly string[], palette: Palette): string[] {
  const { top, row, left, width } = STRIP;
  const x = (percent: number) => left + (width * percent) / 100;
  const bottom = top + rules.length * row;
  const parts = [0, 5, 25, 50, 75, 100].flatMap((percent) => [
    line(
      x(percent),
      top - 8,
      x(percent),
      bottom,
      percent === 5 ? palette.ink : palette.faint,
      percent === 5 ? '3 3' : '',
    ),
    text(x(percent), bottom + 16, percent === 5 ? 'alpha 5 %' : `${percent} %`, { size: 10, anchor: 'middle' }),
  ]);
  rules.forEach((rule, i) => {
    const y = top + i * row + 6;
    parts.push(text(left - 12, y + 4, rule, { size: 12, anchor: 'end' }));
    for (const model of Object.keys(results.models)) {
      const percent = percentOf(figuresOf(results, rule, model).falsePromotions['1.3']);
      parts.push(`<circle cx="${round(x(percent))}" cy="${y}" r="4.5" fill="${palette.rules[i]}" fill-opacity="0.6"/>`);
    }
  });
  return parts;
}

interface Style {
  size: number;
  weight?: number;
  anchor?: 'middle' | 'end';
}

function text(x: number, y: number, words: string, { size, weight = 400, anchor }: Style): string {
  const placed = anchor ? ` text-anchor="${anchor}"` : '';
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}"${placed}>${words}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, dashes = ''): string {
  const dashed = dashes ? ` stroke-dasharray="${dashes}"` : '';
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}"${dashed}/>`;
}

function circle(x: number, y: number, r: number, fill: string, stroke = 'none'): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${r}" fill="${fill}" stroke="${stroke}"/>`;
}

function diamond(x: number, y: number, colour: string): string {
  return `<path d="M${round(x)} ${round(y - 6)} l6 6 l-6 6 l-6 -6 z" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
