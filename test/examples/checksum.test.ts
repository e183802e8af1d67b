/** The laws of the content checksum. Each is what a comparison of two systems relies on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksumRows } from '../../examples/flights/checksum.ts';

const rows = fc.array(fc.string({ maxLength: 12 }), { maxLength: 30 });
const someRows = fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 30 });

describe('the content checksum', () => {
  test('does not depend on the order of the rows', () => {
    const shuffled = rows.chain((original) =>
      fc.tuple(
        fc.constant(original),
        fc.shuffledSubarray(original, { minLength: original.length, maxLength: original.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([original, other]) => {
        expect(checksumRows(other)).toEqual(checksumRows(original));
      }),
    );
  });

  test('counts a duplicate as often as it occurs', () => {
    fc.assert(
      fc.property(rows, fc.string(), fc.integer({ min: 1, max: 5 }), (others, row, times) => {
        const once = checksumRows([...others, row]);
        const more = checksumRows([...others, row, ...Array<string>(times).fill(row)]);
        expect(more.checksum).not.toBe(once.checksum);
        expect(more.rowCount).toBe(once.rowCount + times);
      }),
    );
  });

  test('differs between a table and the same table delivered twice, where XOR would not differ from an empty one', () => {
    fc.assert(
      fc.property(someRows, (table) => {
        const twice = checksumRows([...table, ...table]).checksum;
        expect(twice).not.toBe(checksumRows(table).checksum);
        expect(twice).not.toBe(checksumRows([]).checksum);
      }),
    );
  });

  test('differs when one row changes', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), fc.string(), (table, at, changed) => {
        const index = at % table.length;
        fc.pre(table[index] !== changed);
        expect(checksumRows(table.with(index, changed)).checksum).not.toBe(checksumRows(table).checksum);
      }),
    );
  });

  test('does not mistake where one row ends and the next begins', () => {
    expect(checksumRows(['ab', 'c']).checksum).not.toBe(checksumRows(['a', 'bc']).checksum);
  });

  test('is the hash itself for one row, and zero for none', () => {
    // printf abc | sha256sum
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(checksumRows(['abc'])).toEqual({ rowCount: 1, checksum: abc });
    expect(checksumRows([])).toEqual({ rowCount: 0, checksum: '0'.repeat(64) });
  });

  test('wraps around at 256 bits and keeps its width', () => {
    fc.assert(
      fc.property(rows, (table) => {
        expect(checksumRows(table).checksum).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });
});
