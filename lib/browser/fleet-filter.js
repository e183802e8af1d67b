/**
 * What is asked for: a text, a team, a wave, states. Reads the form and the legend, keeps the page's address in step so that
 * it can be shared, and says of each job whether it is meant. `fleet.js` is its caller.
 */
import { stateOf } from './fleet-decoding.js';

/** @typedef {import('./fleet-decoding.js').Fleet} Fleet */

export class Filter {
  /** @type {HTMLFormElement} */ #form;
  /** @type {HTMLButtonElement[]} */ #states;

  /**
   * @param {HTMLElement} section
   * @param {() => void} changed
   */
  constructor(section, changed) {
    this.#form = /** @type {HTMLFormElement} */ (section.querySelector('form.filter'));
    this.#states = [...section.querySelectorAll('button[data-state]')].map(
      (button) => /** @type {HTMLButtonElement} */ (button),
    );
    const moved = () => {
      this.#keepAddress();
      changed();
    };
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#form.addEventListener('input', moved);
    for (const button of this.#states) {
      button.addEventListener('click', () => {
        button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
        moved();
      });
    }
  }

  /** @param {Fleet} fleet */
  offer(fleet) {
    const asked = new URLSearchParams(location.search);
    const waves = [...new Set(fleet.wave)].sort((a, b) => a - b);
    fill(this.#field('team'), [...fleet.teams].sort());
    fill(this.#field('wave'), waves.map(String));
    for (const name of ['text', 'team', 'wave']) {
      const value = asked.get(name);
      if (value !== null && this.#field(name).value === '') this.#field(name).value = value;
    }
    const pressed = asked.getAll('state');
    for (const button of this.#states) {
      if (pressed.includes(button.dataset.state ?? '')) button.setAttribute('aria-pressed', 'true');
    }
  }

  /**
   * One for each job that is meant, 0 for the others.
   * @param {Fleet} fleet
   */
  apply(fleet) {
    const { text, team, wave, states } = this.#asked();
    const passes = new Uint8Array(fleet.ids.length).fill(1);
    const wantedTeam = team === '' ? -1 : fleet.teams.indexOf(team);
    const teamHas = fleet.teams.map((name) => name.toLowerCase().includes(text));
    for (let place = 0; place < passes.length; place++) {
      const ofTeam = fleet.team[place] ?? 0;
      const meant =
        (states.size === 0 || states.has(stateOf(fleet.bits[place] ?? 0))) &&
        (team === '' || ofTeam === wantedTeam) &&
        (wave === '' || fleet.wave[place] === Number(wave)) &&
        (text === '' || teamHas[ofTeam] || fleet.ids[place]?.toLowerCase().includes(text));
      if (!meant) passes[place] = 0;
    }
    return passes;
  }

  get isActive() {
    const { text, team, wave, states } = this.#asked();
    return text !== '' || team !== '' || wave !== '' || states.size > 0;
  }

  /** @param {Uint32Array} counts of each state */
  showCounts(counts) {
    for (const button of this.#states) {
      const count = counts[Number(button.dataset.state)] ?? 0;
      const shown = button.querySelector('.count');
      if (shown) shown.textContent = count.toLocaleString('en-US');
      button.classList.toggle('empty', count === 0);
    }
  }

  #asked() {
    const pressed = this.#states.filter((button) => button.getAttribute('aria-pressed') === 'true');
    return {
      text: this.#field('text').value.trim().toLowerCase(),
      team: this.#field('team').value,
      wave: this.#field('wave').value,
      states: new Set(pressed.map((button) => Number(button.dataset.state))),
    };
  }

  #keepAddress() {
    const { text, team, wave, states } = this.#asked();
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries({ text, team, wave })) if (value !== '') asked.set(name, value);
    for (const state of states) asked.append('state', String(state));
    history.replaceState(null, '', asked.size === 0 ? location.pathname : `?${asked}`);
  }

  /**
   * @param {string} name
   * @returns {HTMLInputElement | HTMLSelectElement}
   */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }
}

/**
 * @param {HTMLInputElement | HTMLSelectElement} select
 * @param {string[]} values
 */
function fill(select, values) {
  if (!(select instanceof HTMLSelectElement)) return;
  const known = new Set([...select.options].map(({ value }) => value));
  for (const value of values) if (!known.has(value)) select.add(new Option(value, value));
}
