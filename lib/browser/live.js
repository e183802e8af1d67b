/**
 * Keeps a page of the dashboard current without loading it again: follows the server's events, and renews the parts of the
 * page that bear `data-part`. A part in which somebody is writing is left alone. A page that is not seen holds no
 * connection, since a browser has only a few for one address.
 */

const RENEW_MS = 1_000;
/** A page that takes the server long is asked for less often: a tenth of its time is enough. */
const RENEW_SHARE = 10;
const RETRY_MS = 5_000;

/**
 * @typedef {object} Following
 * @property {string} address
 * @property {() => string} since `RUN:REVISION` of what the page shows
 * @property {(data: any) => void} changed
 * @property {() => void} reload what is shown is too old to be mended
 */

/** @param {Following} following */
export function follow({ address, since, changed, reload }) {
  /** @type {EventSource | undefined} */
  let source;
  const run = since().split(':')[0];
  const open = () => {
    source?.close();
    const url = new URL(address, location.href);
    url.searchParams.set('since', since());
    source = new EventSource(url);
    source.addEventListener('hello', () => say(''));
    source.addEventListener('changed', (event) => {
      say('');
      changed(JSON.parse(event.data));
    });
    source.addEventListener('reload', (event) => {
      say('');
      // Another process: what this page's forms carry is of no use any more.
      if (!event.lastEventId.startsWith(`${run}:`)) location.reload();
      else reload();
    });
    source.addEventListener('error', () => {
      say('Not connected: what you see may be old. Trying again.');
      if (source?.readyState === EventSource.CLOSED) setTimeout(openWhenSeen, RETRY_MS);
    });
  };
  const openWhenSeen = () => {
    if (document.visibilityState === 'visible') open();
    else source?.close();
  };
  document.addEventListener('visibilitychange', openWhenSeen);
  openWhenSeen();
}

function say(/** @type {string} */ text) {
  const connection = document.getElementById('connection');
  if (connection && connection.textContent !== text) connection.textContent = text;
}

let renewing = false;
let again = false;

/** At most once a second, however often it is asked for, and again when it was asked for meanwhile. */
export async function renewParts() {
  again = true;
  if (renewing) return;
  renewing = true;
  while (again) {
    again = false;
    const began = performance.now();
    await renewOnce().catch(() => say('Not connected: what you see may be old.'));
    const pause = Math.max(RENEW_MS, RENEW_SHARE * (performance.now() - began));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  renewing = false;
}

async function renewOnce() {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!response.ok) return;
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-part]')) {
    const renewed = next.getElementById(part.id);
    if (!renewed || renewed.innerHTML === part.innerHTML) continue;
    if (isInUse(part)) say('This page has changed meanwhile.');
    else replace(part, renewed);
  }
}

/** Somebody has opened a verb there, or writes. */
function isInUse(/** @type {Element} */ part) {
  return part.querySelector('details.verb[open], input:focus, select:focus') !== null;
}

/**
 * What had the focus has it again, and what was unfolded is.
 * @param {Element} part
 * @param {Element} renewed
 */
function replace(part, renewed) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const nameOf = (/** @type {Element} */ element) => element.getAttribute('href') ?? element.textContent;
  const unfolded = [...part.querySelectorAll('details[open] > summary')].map(nameOf);
  part.replaceChildren(...renewed.childNodes);
  for (const summary of part.querySelectorAll('details > summary')) {
    if (unfolded.includes(nameOf(summary))) summary.parentElement?.setAttribute('open', '');
  }
  if (!focused) return;
  const same = [...part.querySelectorAll(focused.localName)].find((element) => nameOf(element) === nameOf(focused));
  if (same instanceof HTMLElement) same.focus({ preventScroll: true });
}

const { live, revision = '' } = document.body.dataset;
// The fleet follows for itself, since it wants the rows.
if (live !== undefined && !document.querySelector('[data-fleet]')) {
  let seen = revision;
  follow({
    address: live,
    since: () => seen,
    changed: ({ run, revision: newest }) => {
      seen = `${run}:${newest}`;
      void renewParts();
    },
    reload: () => void renewParts(),
  });
}
