/**
 * The one style sheet of both consoles. Everything lies under `.crossfade`, because under CloudWatch the page belongs to
 * somebody else. Light and dark follow the browser, unless a class `light` or `dark` beside it says what the console shows.
 * No font, image or sheet is fetched.
 */
import { raw } from 'hono/html';
import { PHASES } from '../domain/phases.ts';
import { type Content, type Html, html } from './html.ts';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Every colour, in both themes. `soft` is behind text of the same name; a test holds each such text readable. */
export const PALETTE = {
  light: {
    page: '#ffffff',
    panel: '#f6f7f9',
    line: '#d5dae1',
    ink: '#16191f',
    faint: '#55606e',
    accent: '#0b5fc1',
    'on-accent': '#ffffff',
    good: '#12692f',
    'good-soft': '#e0f3e5',
    warn: '#7a4d00',
    'warn-soft': '#fdf0d3',
    bad: '#a8171f',
    'bad-soft': '#fde7e8',
    old: '#8a5300',
    new: '#0b5fc1',
    pending: '#6b7684',
    shadow: '#6a4fb3',
    'reverse-shadow': '#0b5fc1',
    cleanup: '#0a7280',
    complete: '#12692f',
  },
  dark: {
    page: '#0f1b2a',
    panel: '#18263a',
    line: '#36465c',
    ink: '#e8ecf1',
    faint: '#a9b5c4',
    accent: '#6cb2ff',
    'on-accent': '#0b1420',
    good: '#7fdb9a',
    'good-soft': '#123524',
    warn: '#f2c063',
    'warn-soft': '#3a2c10',
    bad: '#ff9a9f',
    'bad-soft': '#46191d',
    old: '#f0b35a',
    new: '#6cb2ff',
    pending: '#94a0af',
    shadow: '#b39bf0',
    'reverse-shadow': '#6cb2ff',
    cleanup: '#57c7d4',
    complete: '#7fdb9a',
  },
} as const satisfies Record<Theme, Record<string, string>>;

const variables = (theme: Theme) =>
  Object.entries(PALETTE[theme])
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

export const STYLES = `
.crossfade{${variables('light')};color-scheme:light;color:var(--ink);background:var(--page);font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
.crossfade.widget{padding:8px 12px}
@media (prefers-color-scheme:dark){.crossfade:not(.light){${variables('dark')};color-scheme:dark}}
.crossfade.dark{${variables('dark')};color-scheme:dark}
.crossfade *{box-sizing:border-box}
.crossfade h2{font-size:20px;line-height:1.3;margin:0 0 8px;color:var(--ink)}
.crossfade h3{font-size:15px;line-height:1.3;margin:20px 0 6px;color:var(--ink)}
.crossfade p{margin:6px 0}
.crossfade a{color:var(--accent);cursor:pointer;text-decoration:underline}
.crossfade a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
.crossfade :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.crossfade .btn{display:inline-block;margin:2px 6px 2px 0;padding:5px 14px;border:1px solid var(--accent);border-radius:4px;background:transparent;color:var(--accent);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.crossfade .btn-primary{background:var(--accent);color:var(--on-accent)}
.crossfade .badge{display:inline-block;padding:0 8px;border:1px solid currentColor;border-radius:10px;font-size:12px;line-height:18px;font-weight:600;white-space:nowrap}
.crossfade .badge.good{color:var(--good);background:var(--good-soft)}
.crossfade .badge.bad{color:var(--bad);background:var(--bad-soft)}
.crossfade .badge.warn{color:var(--warn);background:var(--warn-soft)}
.crossfade .badge.silent{color:var(--faint);background:var(--page);border-style:dashed}
.crossfade .badge.plain{color:var(--ink);background:var(--panel)}
.crossfade .name{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.93em}
.crossfade .faint,.crossfade .unit{color:var(--faint)}
.crossfade .figure{font-variant-numeric:tabular-nums}
.crossfade .panel{margin:10px 0;padding:10px 14px;border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:4px;background:var(--panel)}
.crossfade .panel.bad{border-left-color:var(--bad)}
.crossfade .panel.warn{border-left-color:var(--warn)}
.crossfade .panel.good{border-left-color:var(--good)}
.crossfade .filters{display:flex;flex-wrap:wrap;gap:2px 14px;margin:4px 0;padding:0;list-style:none}
.crossfade ul{margin:4px 0;padding-left:20px}
.crossfade .scroll{overflow-x:auto;max-width:100%}
.crossfade table{border-collapse:collapse;width:100%;background:transparent}
.crossfade th,.crossfade td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;color:var(--ink);background:transparent}
.crossfade th{color:var(--faint);font-weight:600;white-space:nowrap}
.crossfade td{min-width:7ch}
.crossfade td strong{white-space:nowrap}
.crossfade time,.crossfade .name:not(.long){white-space:nowrap}
.crossfade summary{cursor:pointer}
.crossfade summary.btn{list-style:none}
.crossfade summary.btn::-webkit-details-marker{display:none}
.crossfade div.verbs{display:flex;flex-wrap:wrap;align-items:flex-start}
.crossfade .verb[open]{flex-basis:100%}
.crossfade label{display:block;margin:6px 0;color:var(--ink)}
.crossfade input{display:block;width:100%;max-width:420px;padding:5px 8px;border:1px solid var(--faint);border-radius:4px;background:var(--page);color:var(--ink);font:inherit}
.crossfade svg{display:block;width:100%;height:auto;min-width:600px;max-width:760px;margin:4px 0}
.crossfade svg text{fill:var(--faint);font:11px system-ui,-apple-system,"Segoe UI",sans-serif}
.crossfade svg .grid{stroke:var(--line);stroke-width:1}
.crossfade svg .old{stroke:var(--old);fill:var(--old)}
.crossfade svg .new{stroke:var(--new);fill:var(--new)}
.crossfade svg path.old,.crossfade svg path.new{fill:none;stroke-width:2}
.crossfade svg path.old{stroke-dasharray:5 3}
.crossfade svg .limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:2 3}
.crossfade svg .outcome{stroke:none;fill:none}
.crossfade svg .outcome.good{fill:var(--good)}
.crossfade svg .outcome.bad{fill:var(--bad)}
.crossfade svg .outcome.warn{fill:var(--warn)}
.crossfade svg .outcome.silent{stroke:var(--faint);stroke-dasharray:2 1}
.crossfade figure{margin:0}
.crossfade .key,.crossfade .dot{display:inline-block;width:10px;height:10px;margin-right:4px;border-radius:2px}
.crossfade .key.old{background:var(--old)}
.crossfade .key.new{background:var(--new)}
.crossfade .phase-of{white-space:nowrap}
${PHASES.map((phase) => `.crossfade svg .phase.${phase}{fill:var(--${phase})}\n.crossfade .dot.${phase}{background:var(--${phase})}`).join('\n')}
@media (prefers-reduced-motion:no-preference){.crossfade .btn{transition:background .15s}}
`;

/** A widget's content under the style sheet; the sheet is inside, since sanitizers drop one that comes first. */
export function renderThemed(content: Content, theme?: Theme): Html {
  return html`<div class="crossfade widget${theme !== undefined && ` ${theme}`}"><style>${raw(STYLES)}</style>${content}</div>`;
}
