/**
 * The content checksum that both systems land: order-independent, and strong enough that a match means equal tables.
 *
 * Each row is hashed with SHA-256, and the hashes are added up modulo 2^256. Addition is commutative, so two systems
 * need not agree on an order. XOR is commutative too, but loses every pair of equal rows: a table that delivers all its
 * rows twice would have the checksum of an empty one, and two lost duplicates would go unseen. With addition a
 * duplicate counts as often as it occurs. A sum or XOR of CRC32 is linear in the data, and collides in practice.
 *
 * It finds accidents, not forgeries: somebody who chooses many rows freely can construct a collision of a sum. The row
 * count travels beside it in the landing.
 */
import { createHash } from 'node:crypto';

export const CHECKSUM_ALGORITHM = 'sha256-sum';

const MODULUS_MASK = (1n << 256n) - 1n;

export interface Checksum {
  rowCount: number;
  /** 64 hexadecimal digits; all zero for no rows. */
  checksum: string;
}

/** @param rows the canonical text of each row, without line ends. */
export function checksumRows(rows: Iterable<string>): Checksum {
  let sum = 0n;
  let rowCount = 0;
  for (const row of rows) {
    sum = (sum + BigInt(`0x${createHash('sha256').update(row).digest('hex')}`)) & MODULUS_MASK;
    rowCount += 1;
  }
  return { rowCount, checksum: sum.toString(16).padStart(64, '0') };
}
