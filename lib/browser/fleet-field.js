/**
 * Draws every job as a cell, one canvas for each phase, and finds the cell under the pointer or the arrow keys. Colours come
 * from the style sheet, so that light and dark need nothing here. `fleet.js` says what there is, and hears what is chosen.
 */
import { stateOf } from './fleet-decoding.js';
import { arrange, choosePitch, gapOf, gridOf, stepFrom } from './fleet-layout.js';

/** @typedef {import('./fleet-decoding.js').Fleet} Fleet */
/** @typedef {{ canvas: HTMLCanvasElement, column: HTMLElement, cursor: HTMLElement, places: Uint32Array, chosen: number }} Phase */

/** Drawn as a frame with nothing in it: there is nothing to be seen of them. */
const HOLLOW = new Set(['silent', 'mismatching']);
/** Below this a frame cannot be told from what it encloses. */
const FRAME_PITCH = 7;
/** From here on corners are round, which for fifty thousand would take time and not be seen. */
const ROUND_PITCH = 12;
const WIDE = '(min-width: 60rem)';
const FLASH_MS = 1_200;

export class Field {
  /** @type {HTMLElement} */ #field;
  /** @type {Phase[]} */ #phases;
  /** @type {Fleet | undefined} */ #fleet;
  /** @type {Uint8Array} */ #passes = new Uint8Array();
  /** @type {Set<number>} */ #flashing = new Set();
  /** The job that was chosen: cells move, and the choice with them. @type {string | undefined} */ #chosen;
  /** @type {(place: number | undefined) => void} */ #point;
  #pitch = 0;
  #wanted = 0;

  /**
   * @param {HTMLElement} section
   * @param {{ point: (place: number | undefined) => void, open: (place: number) => void }} hears
   */
  constructor(section, { point, open }) {
    this.#field = /** @type {HTMLElement} */ (section.querySelector('.field'));
    this.#point = point;
    this.#phases = [...this.#field.querySelectorAll('canvas')].map((canvas) => {
      const column = /** @type {HTMLElement} */ (canvas.parentElement);
      const cursor = column.appendChild(document.createElement('div'));
      cursor.className = 'cursor';
      cursor.hidden = true;
      return { canvas, column, cursor, places: new Uint32Array(), chosen: -1 };
    });
    for (const phase of this.#phases) this.#listen(phase, open);
    const redraw = () => this.#drawSoon();
    new ResizeObserver(redraw).observe(this.#field);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  }

  /**
   * @param {Fleet} fleet
   * @param {Uint8Array} passes
   * @param {readonly number[]} [changed] places that look different since the last time
   */
  show(fleet, passes, changed = []) {
    this.#fleet = fleet;
    this.#passes = passes;
    if (changed.length > 0 && !matchMedia('(prefers-reduced-motion: reduce)').matches) this.#flash(changed);
    this.#drawSoon();
  }

  #flash(/** @type {readonly number[]} */ changed) {
    for (const place of changed) this.#flashing.add(place);
    setTimeout(() => {
      for (const place of changed) this.#flashing.delete(place);
      this.#drawSoon();
    }, FLASH_MS);
  }

  #drawSoon() {
    if (this.#wanted !== 0) return;
    this.#wanted = requestAnimationFrame(() => {
      this.#wanted = 0;
      this.#draw();
    });
  }

  #draw() {
    const fleet = this.#fleet;
    if (!fleet) return;
    const arranged = arrange(fleet.bits, this.#phases.length);
    const counts = arranged.map((places) => places.length);
    // Columns as wide as they have jobs, so that equal areas are equal numbers; each has room for its name.
    this.#field.style.setProperty(
      '--columns',
      counts.map((count) => `minmax(8.5rem, ${Math.max(count, 1)}fr)`).join(' '),
    );
    const stacked = !matchMedia(WIDE).matches;
    const widths = this.#phases.map(({ column }) => column.clientWidth);
    const height = Math.max(280, window.innerHeight * (stacked ? 1.4 : 0.62));
    this.#pitch = choosePitch(counts, widths, { height, stacked });
    const colours = fleet.states.map((state) => readColour(this.#field, `--cell-${state}`));
    this.#phases.forEach((phase, index) => {
      phase.places = arranged[index] ?? new Uint32Array();
      const name = fleet.phases[index] ?? '';
      const count = phase.places.length.toLocaleString('en-US');
      const shown = phase.column.querySelector('h2 .count');
      if (shown) shown.textContent = count;
      phase.canvas.setAttribute('aria-label', `${count} jobs in ${name}`);
      phase.canvas.hidden = phase.places.length === 0;
      phase.canvas.tabIndex = phase.places.length === 0 ? -1 : 0;
      if (phase.places.length > 0) this.#paint(phase, widths[index] ?? 0, fleet, colours);
    });
    this.#followChosen(fleet);
    this.#field.dataset.drawn = String(fleet.revision);
  }

  /**
   * @param {Phase} phase
   * @param {number} width
   * @param {Fleet} fleet
   * @param {string[]} colours
   */
  #paint({ canvas, places }, width, fleet, colours) {
    const pitch = this.#pitch;
    const { columns, height } = gridOf(places.length, width, pitch);
    const scale = window.devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d');
    if (!context) return;
    context.scale(scale, scale);
    const size = pitch - gapOf(pitch);
    // The others first and faint, so that a colour is set once for each state.
    for (const wanted of [0, 1]) {
      context.globalAlpha = wanted === 1 ? 1 : 0.16;
      places.forEach((place, index) => {
        if (this.#passes[place] !== wanted) return;
        const state = stateOf(fleet.bits[place] ?? 0);
        const x = (index % columns) * pitch;
        const y = Math.floor(index / columns) * pitch;
        if (pitch >= FRAME_PITCH && HOLLOW.has(fleet.states[state] ?? '')) {
          context.strokeStyle = colours[state] ?? '';
          context.lineWidth = 1.5;
          context.strokeRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5);
        } else {
          context.fillStyle = colours[state] ?? '';
          if (pitch < ROUND_PITCH) context.fillRect(x, y, size, size);
          else fillRounded(context, x, y, size);
        }
      });
    }
    if (this.#flashing.size === 0) return;
    context.globalAlpha = 1;
    context.strokeStyle = readColour(this.#field, '--ink');
    context.lineWidth = 1.5;
    places.forEach((place, index) => {
      if (!this.#flashing.has(place)) return;
      context.strokeRect(
        (index % columns) * pitch - 0.5,
        Math.floor(index / columns) * pitch - 0.5,
        size + 1,
        size + 1,
      );
    });
  }

  /**
   * @param {Phase} phase
   * @param {(place: number) => void} open
   */
  #listen(phase, open) {
    const { canvas } = phase;
    const choose = (/** @type {number} */ index) => {
      this.#chosen = this.#fleet?.ids[phase.places[index] ?? -1];
      if (this.#fleet) this.#followChosen(this.#fleet);
    };
    const under = (/** @type {MouseEvent} */ event) => {
      const { columns } = gridOf(phase.places.length, phase.column.clientWidth, this.#pitch);
      const column = Math.min(columns - 1, Math.floor(event.offsetX / this.#pitch));
      const index = Math.floor(event.offsetY / this.#pitch) * columns + column;
      return index >= 0 && index < phase.places.length ? index : -1;
    };
    canvas.addEventListener('pointermove', (event) => choose(under(event)));
    canvas.addEventListener('click', (event) => {
      const place = phase.places[under(event)];
      choose(under(event));
      // A finger first looks; the name that it sees is a link.
      if (place !== undefined && /** @type {PointerEvent} */ (event).pointerType !== 'touch') open(place);
    });
    canvas.addEventListener('focus', () => {
      if (phase.chosen < 0) choose(this.#step(phase, -1, 1));
    });
    canvas.addEventListener('keydown', (event) => {
      const place = phase.places[phase.chosen];
      if (event.key === 'Enter' && place !== undefined) open(place);
      const index = this.#move(phase, event.key);
      if (index === undefined) return;
      event.preventDefault();
      choose(index);
    });
  }

  /**
   * @param {Phase} phase
   * @param {string} key
   */
  #move(phase, key) {
    const { columns } = gridOf(phase.places.length, phase.column.clientWidth, this.#pitch);
    const last = phase.places.length;
    const from = phase.chosen;
    switch (key) {
      case 'ArrowRight':
        return this.#step(phase, from, 1);
      case 'ArrowLeft':
        return this.#step(phase, from, -1);
      case 'ArrowDown':
        return this.#step(phase, from, columns);
      case 'ArrowUp':
        return this.#step(phase, from, -columns);
      case 'PageDown':
        return this.#step(phase, Math.min(last - 2, from + 19), 1);
      case 'PageUp':
        return this.#step(phase, Math.max(1, from - 19), -1);
      case 'Home':
        return this.#step(phase, -1, 1);
      case 'End':
        return this.#step(phase, last, -1);
      default:
        return undefined;
    }
  }

  /**
   * @param {Phase} phase
   * @param {number} from
   * @param {number} step
   */
  #step({ places }, from, step) {
    const to = stepFrom(from, step, places.length, (index) => this.#passes[places[index] ?? 0] === 1);
    return Math.min(Math.max(to, 0), places.length - 1);
  }

  /** @param {Fleet} fleet */
  #followChosen(fleet) {
    const place = this.#chosen === undefined ? -1 : fleet.ids.indexOf(this.#chosen);
    for (const phase of this.#phases) {
      phase.chosen = place < 0 ? -1 : phase.places.indexOf(place);
      this.#placeCursor(phase);
    }
    this.#point(place < 0 ? undefined : place);
  }

  /** @param {Phase} phase */
  #placeCursor({ cursor, canvas, column, places, chosen }) {
    cursor.hidden = chosen < 0 || chosen >= places.length;
    if (cursor.hidden) return;
    const { columns } = gridOf(places.length, column.clientWidth, this.#pitch);
    const size = this.#pitch - gapOf(this.#pitch);
    const [x, y] = [(chosen % columns) * this.#pitch, Math.floor(chosen / columns) * this.#pitch];
    cursor.style.width = `${size}px`;
    cursor.style.height = `${size}px`;
    cursor.style.transform = `translate(${canvas.offsetLeft + x}px, ${canvas.offsetTop + y}px)`;
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 */
function readColour(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function fillRounded(context, x, y, size) {
  context.beginPath();
  context.roundRect(x, y, size, size, 2);
  context.fill();
}
