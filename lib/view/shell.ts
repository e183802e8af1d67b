/**
 * The frame of every page of the local dashboard: head, navigation, what stops the fleet, and the page itself. One style
 * sheet of both consoles and one of the dashboard's own, scripts by address only, so that the strictest content security
 * policy holds. Called by `lib/local/dashboard.ts`, which knows the addresses.
 */
import { activePause, breakerIsOpen, type Controls } from '../domain/controls.ts';
import type { Instant } from '../domain/time.ts';
import { type Html, html, moment, renderInstant, renderText } from './html.ts';

export const PAGES = { fleet: 'Fleet', attention: 'Attention', coverage: 'Coverage' } as const;
export type PageName = keyof typeof PAGES;

export interface Frame {
  title: string;
  /** The page that is shown, where it is one of the navigation's. */
  current?: PageName;
  hrefs: Record<PageName, string>;
  sheets: readonly string[];
  scripts: readonly string[];
  /** Jobs that need a person. */
  attention: number;
  controls: Controls;
  /** The last sweep's, if there was one. */
  sweptAt: Instant | undefined;
  /** The tables of an earlier process are still being read. */
  loading: boolean;
  /** The page is of the moment: its live parts are renewed when what it shows changes. */
  live?: { address: string; revision: string };
  at: Instant;
}

export function renderPage(frame: Frame, content: Html): Html {
  const { title, sheets, scripts, live } = frame;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - Crossfade</title>
${sheets.map((sheet) => html`<link rel="stylesheet" href="${sheet}">`)}
<link rel="icon" href="data:,">
${scripts.map((script) => html`<script type="module" src="${script}"></script>`)}
</head>
<body class="crossfade"${live && html` data-live="${live.address}" data-revision="${live.revision}"`}>
<a class="skip" href="#main">Skip to the page</a>
<header class="bar">
<span class="mark"><svg viewBox="0 0 24 16" aria-hidden="true"><path class="fade-old" d="M1 3C9 3 15 13 23 13"/><path class="fade-new" d="M1 13C9 13 15 3 23 3"/></svg>Crossfade</span>
<nav aria-label="Pages"><ul>${navigation(frame)}</ul></nav>
<div class="state" id="state" data-part>${renderState(frame)}</div>
</header>
<main id="main">${content}</main>
<p class="connection" id="connection" role="status"></p>
</body>
</html>
`;
}

function navigation({ current, hrefs, attention }: Frame): Html[] {
  return Object.entries(PAGES).map(([name, label]) => {
    const page = name as PageName;
    const count =
      page === 'attention' && attention > 0 && html` <span class="count">${attention.toLocaleString('en-US')}</span>`;
    return html`<li id="to-${page}" data-part><a href="${hrefs[page]}"${page === current && html` aria-current="page"`}>${label}${count}</a></li>`;
  });
}

function renderState({ controls, sweptAt, loading, at }: Frame): Html {
  const pause = activePause(controls, at);
  const until = (instant: Instant | undefined) => (instant === undefined ? '' : ` until ${moment(instant)}`);
  return html`${loading && html`<p class="stop">Still reading the tables: some jobs are not shown yet</p>`}
${pause && html`<p class="stop">${pause.scope === 'all' ? 'Everything is paused' : 'Promotions are paused'} by ${renderText(pause.actor)}${until(pause.until)}: ${renderText(pause.reason)}</p>`}
${breakerIsOpen(controls, at) && html`<p class="stop">The breaker stops promotions${until(controls.breakerOpenUntil)}: demotions clustered</p>`}
<p>${sweptAt === undefined ? 'No sweep yet' : html`Last sweep ${renderInstant(sweptAt, at)}`}</p>`;
}
