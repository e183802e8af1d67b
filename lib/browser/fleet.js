/**
 * The fleet page in the browser: fetches the encoded fleet once, draws it, filters it, and keeps it current by the changes
 * that the server tells. Everything that a job says is set as text, never as markup.
 */
import { applyChanges, attentionOf, coverageOf, decodeFleet, phaseOf, stateOf } from './fleet-decoding.js';
import { Field } from './fleet-field.js';
import { Filter } from './fleet-filter.js';
import { follow, renewParts } from './live.js';

/** @typedef {import('./fleet-decoding.js').Fleet} Fleet */

const FOUND_SHOWN = 30;

const section = /** @type {HTMLElement} */ (document.querySelector('[data-fleet]'));
const inspector = /** @type {HTMLElement} */ (section.querySelector('.inspector'));
const found = /** @type {HTMLElement} */ (section.querySelector('.found'));
const matches = /** @type {HTMLElement} */ (section.querySelector('.matches'));

/** @type {Fleet} */
let fleet = await fetchFleet().catch((error) => {
  inspector.textContent = `The fleet could not be shown: ${error.message}. Load the page again.`;
  throw error;
});
/** Where each job is; made when the first change comes. @type {Map<string, number> | undefined} */
let places;

const filter = new Filter(section, () => show());
const field = new Field(section, {
  point: (place) => inspect(place),
  open: (place) => location.assign(hrefOf(fleet.ids[place] ?? '')),
});
filter.offer(fleet);
show();
follow({
  address: document.body.dataset.live ?? '/live?rows=1',
  since: () => `${fleet.run}:${fleet.revision}`,
  changed: ({ revision, changes }) => {
    places ??= new Map(fleet.ids.map((id, place) => [id, place]));
    const applied = applyChanges(fleet, changes, places);
    fleet = { ...applied.fleet, revision };
    filter.offer(fleet);
    show(applied.changed);
    void renewParts();
  },
  reload: async () => {
    fleet = await fetchFleet();
    places = undefined;
    filter.offer(fleet);
    show();
    void renewParts();
  },
});

async function fetchFleet() {
  const response = await fetch(section.dataset.fleet ?? '');
  if (!response.ok) throw new Error(`the fleet was not sent: ${response.status}`);
  return decodeFleet(await response.arrayBuffer());
}

/** @param {number[]} [changed] */
function show(changed = []) {
  const passes = filter.apply(fleet);
  const counts = new Uint32Array(fleet.states.length);
  let meant = 0;
  for (let place = 0; place < passes.length; place++) {
    const state = stateOf(fleet.bits[place] ?? 0);
    counts[state] = (counts[state] ?? 0) + 1;
    meant += passes[place] ?? 0;
  }
  filter.showCounts(counts);
  const total = passes.length.toLocaleString('en-US');
  matches.textContent = filter.isActive ? `${meant.toLocaleString('en-US')} of ${total} jobs` : `${total} jobs`;
  field.show(fleet, passes, changed);
  list(passes, meant);
}

/**
 * The first that were found, as links: for whoever does not see the cells, or wants names.
 * @param {Uint8Array} passes
 * @param {number} meant
 */
function list(passes, meant) {
  found.hidden = !filter.isActive;
  if (found.hidden) return;
  /** @type {number[]} */
  const first = [];
  for (let place = passes.indexOf(1); place >= 0 && first.length < FOUND_SHOWN; place = passes.indexOf(1, place + 1)) {
    first.push(place);
  }
  const items = first.map((place) => {
    const item = document.createElement('li');
    item.append(linkTo(place), ` ${describe(place).join(', ')}`);
    return item;
  });
  found.querySelector('ol')?.replaceChildren(...items);
  const rest = found.querySelector('p');
  const more = meant - first.length;
  if (rest)
    rest.textContent =
      meant === 0 ? 'No job is like that.' : more > 0 ? `and ${more.toLocaleString('en-US')} more` : '';
}

/** Said again only when it has changed: it is read aloud. */
function inspect(/** @type {number | undefined} */ place) {
  if (place === undefined) return;
  const line = document.createElement('p');
  line.append(linkTo(place), ` ${describe(place).join(', ')}`);
  if (inspector.textContent !== line.textContent) inspector.replaceChildren(line);
}

function linkTo(/** @type {number} */ place) {
  const link = document.createElement('a');
  const name = document.createElement('bdi');
  name.className = 'name';
  name.textContent = fleet.ids[place] ?? '';
  link.href = hrefOf(fleet.ids[place] ?? '');
  link.append(name);
  return link;
}

function describe(/** @type {number} */ place) {
  const bits = fleet.bits[place] ?? 0;
  const attention = attentionOf(bits);
  const hours = fleet.hours[place] ?? 0;
  const time = hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
  return [
    `team ${fleet.teams[fleet.team[place] ?? 0]}`,
    `wave ${fleet.wave[place]}`,
    `${fleet.phases[phaseOf(bits)]} for ${time}`,
    ...(attention > 0 ? [`${fleet.attentions[attention - 1]}`] : []),
    `${fleet.states[stateOf(bits)] === 'held' ? 'held, ' : ''}evidence ${fleet.coverages[coverageOf(bits)]}`,
  ];
}

function hrefOf(/** @type {string} */ jobId) {
  return `${section.dataset.job}${encodeURIComponent(jobId)}`;
}
