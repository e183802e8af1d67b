/**
 * Numbers and short texts as bytes, for `evidence-pack.ts`. Whole numbers take as many bytes as they need (LEB128),
 * measures are Float32, ASCII takes seven bits a character. Every text comes back as it was, also half of a surrogate
 * pair, which UTF-8 would lose and a name that was shortened can end with.
 */

export class Packer {
  #bytes = new Uint8Array(2048);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  whole(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} cannot be packed as a whole number`);
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Zero, one below, one above, two below: small differences of either sign stay short. */
  difference(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  measure(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value);
    this.#length += 4;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    const ascii = isAscii(value);
    this.whole(value.length * 2 + (ascii ? 0 : 1));
    if (ascii) this.#sevenBits(value);
    else for (let i = 0; i < value.length; i++) this.#unit(value.charCodeAt(i));
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #sevenBits(value: string): void {
    let pending = 0;
    let bits = 0;
    for (let i = 0; i < value.length; i++) {
      pending |= value.charCodeAt(i) << bits;
      bits += 7;
      if (bits >= 8) {
        this.byte(pending & 255);
        pending >>>= 8;
        bits -= 8;
      }
    }
    if (bits > 0) this.byte(pending);
  }

  #unit(code: number): void {
    this.byte(code & 255);
    this.byte(code >>> 8);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what a `Packer` wrote, in the same order. */
export class Unpacker {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined)
      throw new Error(`packed data ends after ${this.#bytes.length} bytes, in the middle of a value`);
    return value;
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      scale *= 128;
    }
  }

  difference(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  measure(): number {
    const value = this.#view.getFloat32(this.#at);
    this.#at += 4;
    return value;
  }

  /** A view, no copy. */
  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length)
      throw new Error(`packed data ends after ${this.#bytes.length} bytes, in the middle of a value`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const header = this.whole();
    const length = Math.floor(header / 2);
    return header % 2 === 0 ? this.#sevenBits(length) : this.#units(length);
  }

  #sevenBits(length: number): string {
    let text = '';
    let pending = 0;
    let bits = 0;
    for (let i = 0; i < length; i++) {
      if (bits < 7) {
        pending |= this.byte() << bits;
        bits += 8;
      }
      text += String.fromCharCode(pending & 127);
      pending >>>= 7;
      bits -= 7;
    }
    return text;
  }

  #units(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.byte() | (this.byte() << 8));
    return text;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function bit(position: number, on: boolean): number {
  return on ? 1 << position : 0;
}

/** The value that is stored as its position in a list. */
export function known<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined)
    throw new Error(
      `packed evidence names value ${index} of ${values.length}: delete the item, and the job gathers anew (docs/runbook.md, JobsUnjudged)`,
    );
  return value;
}
