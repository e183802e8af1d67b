/** The dashboard's scripts and style sheets: read once, served as they are, by a fixed list of names. */
import { readFileSync } from 'node:fs';
import { STYLES } from '../view/theme.ts';

/** Named so, tools that look for unused files see that these are used. */
const FILES = {
  'dashboard.css': new URL('../browser/dashboard.css', import.meta.url),
  'fleet.js': new URL('../browser/fleet.js', import.meta.url),
  'fleet-decoding.js': new URL('../browser/fleet-decoding.js', import.meta.url),
  'fleet-field.js': new URL('../browser/fleet-field.js', import.meta.url),
  'fleet-filter.js': new URL('../browser/fleet-filter.js', import.meta.url),
  'fleet-layout.js': new URL('../browser/fleet-layout.js', import.meta.url),
  'live.js': new URL('../browser/live.js', import.meta.url),
} as const;

export const SHEETS = ['/assets/crossfade.css', '/assets/dashboard.css'];
export const scriptAt = (name: keyof typeof FILES) => `/assets/${name}`;

export interface Asset {
  type: string;
  text: string;
}

export function loadAssets(): ReadonlyMap<string, Asset> {
  const files = Object.entries(FILES).map(([name, url]): [string, Asset] => {
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    return [name, { type: `${type}; charset=utf-8`, text: readFileSync(url, 'utf8') }];
  });
  return new Map([...files, ['crossfade.css', { type: 'text/css; charset=utf-8', text: STYLES }]]);
}
