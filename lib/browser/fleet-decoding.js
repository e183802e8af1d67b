/**
 * The fleet as the dashboard sends it (`lib/view/fleet-encoding.ts`), as columns that fifty thousand jobs fit into. Knows no
 * document; `fleet.js` is its caller.
 */

/**
 * @typedef {object} Names
 * @property {string} run
 * @property {number} revision
 * @property {string[]} teams
 * @property {string[]} phases
 * @property {string[]} states
 * @property {string[]} coverages
 * @property {string[]} attentions
 */

/**
 * @typedef {Names & { ids: string[], bits: Uint16Array, team: Uint16Array, wave: Uint16Array, hours: Uint16Array }} Fleet
 */

/** @typedef {[string, number, string, number, number] | [string]} Change */

export const phaseOf = (/** @type {number} */ bits) => bits & 7;
export const stateOf = (/** @type {number} */ bits) => (bits >> 3) & 15;
export const coverageOf = (/** @type {number} */ bits) => (bits >> 7) & 7;
/** 0 for none, otherwise one more than its place among the names. */
export const attentionOf = (/** @type {number} */ bits) => bits >> 10;

/**
 * @param {ArrayBuffer} buffer
 * @returns {Fleet}
 */
export function decodeFleet(buffer) {
  const view = new DataView(buffer);
  const headLength = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headLength)));
  const { count, ...names } = head;
  let at = 4 + headLength;
  const column = () => {
    // A copy, since the head's length need not be even.
    const values = new Uint16Array(buffer.slice(at, at + count * 2));
    at += count * 2;
    return values;
  };
  const columns = { bits: column(), team: column(), wave: column(), hours: column() };
  return { ...names, ...columns, ids: decodeIds(new Uint8Array(buffer, at), count) };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} count
 */
function decodeIds(bytes, count) {
  const ascii = new TextDecoder('latin1').decode(bytes);
  /** @type {string[]} */
  const ids = new Array(count);
  let at = 0;
  const size = () => {
    const first = bytes[at++] ?? 0;
    return first < 255 ? first : 255 + (bytes[at++] ?? 0);
  };
  let before = '';
  for (let index = 0; index < count; index++) {
    const head = size();
    const tail = size();
    const between = size();
    before = before.slice(0, head) + ascii.slice(at, at + between) + before.slice(before.length - tail);
    ids[index] = before;
    at += between;
  }
  return ids;
}

/**
 * The fleet with these changes in it. Columns that keep their length are written in place.
 * @param {Fleet} fleet
 * @param {Change[]} changes
 * @param {Map<string, number>} places where each job is; kept right
 * @returns {{ fleet: Fleet, changed: number[] }} and which places have changed
 */
export function applyChanges(fleet, changes, places) {
  const known = changes.filter(([id, bits]) => places.has(id) && bits !== undefined);
  const others = changes.filter(([id, bits]) => places.has(id) === (bits === undefined));
  const next = others.length === 0 ? fleet : rebuild(fleet, others, places);
  /** @type {number[]} */
  const changed = [];
  for (const change of [...known, ...others]) {
    const place = places.get(change[0]);
    if (place === undefined || change.length === 1) continue;
    write(next, place, change);
    changed.push(place);
  }
  return { fleet: next, changed };
}

/**
 * @param {Fleet} fleet
 * @param {number} place
 * @param {[string, number, string, number, number]} change
 */
function write(fleet, place, [, bits, team, wave, hours]) {
  let known = fleet.teams.indexOf(team);
  if (known < 0) known = fleet.teams.push(team) - 1;
  fleet.bits[place] = bits;
  fleet.team[place] = known;
  fleet.wave[place] = wave;
  fleet.hours[place] = hours;
}

/**
 * Jobs have come or gone: rare, so that all is laid out again in text order.
 * @param {Fleet} fleet
 * @param {Change[]} changes
 * @param {Map<string, number>} places
 * @returns {Fleet}
 */
function rebuild(fleet, changes, places) {
  const gone = new Set(changes.filter((change) => change.length === 1).map(([id]) => id));
  const added = changes.filter((change) => change.length > 1).map(([id]) => id);
  const ids = [...fleet.ids.filter((id) => !gone.has(id)), ...added].sort((a, b) => (a < b ? -1 : 1));
  const from = new Map(places);
  const move = (/** @type {Uint16Array} */ column) => Uint16Array.from(ids, (id) => column[from.get(id) ?? -1] ?? 0);
  const { bits, team, wave, hours } = fleet;
  places.clear();
  ids.forEach((id, place) => {
    places.set(id, place);
  });
  return { ...fleet, ids, bits: move(bits), team: move(team), wave: move(wave), hours: move(hours) };
}
