/**
 * Seeded randomness for the benchmark (sfc32; normal deviates by Marsaglia's polar method). Every job of every scenario
 * has a generator of its own, named by seed, noise model, scenario and job, so that a job's trace does not depend on how
 * many jobs there are or which rules look at it.
 */

export interface Random {
  uniform: () => number;
  normal: () => number;
  /** A whole number from 0 to `below - 1`. */
  whole: (below: number) => number;
}

export function randomOf(...name: readonly (string | number)[]): Random {
  let a = hash(`${name.join('/')}#1`);
  let b = hash(`${name.join('/')}#2`);
  let c = hash(`${name.join('/')}#3`);
  let count = 1;
  const uniform = () => {
    const mixed = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + mixed;
    c |= 0;
    return (mixed >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) uniform();

  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
  return { uniform, normal, whole: (below) => Math.floor(uniform() * below) };
}

/** FNV-1a, finished as in MurmurHash3 so that neighbouring names are far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) | 0;
}
