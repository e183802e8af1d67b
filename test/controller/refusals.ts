/** Requests that are taken, and refusals as an operator would read them: short, and with the field that they are about. */
import { expect } from 'vitest';
import type { z } from 'zod';
import { parse } from '../../lib/controller/parse.ts';

export const HUGE = 'x'.repeat(300_000);
export const TOKEN = '0000000001.0000000001';
export const named = { jobId: 'flights-atl', partition: '2026-11-22T13', system: 'old' };
export const landing = {
  ...named,
  token: TOKEN,
  rowCount: 1_000,
  checksum: 'c0ffee',
  landedAt: '2026-11-22T13:00:00Z',
};
export const by = { jobId: 'flights-atl', actor: 'ann', reason: 'because' };

/** The field and the message of a refusal; it has to be one. */
export function refusalOf(result: object): { field: string | undefined; message: string } {
  expect(result).toMatchObject({ refused: true, code: 'Invalid' });
  const { field, message } = result as { field?: string; message: string };
  expect(message.length).toBeLessThan(600);
  expect(field?.length ?? 0).toBeLessThan(200);
  return { field, message };
}

export const refused = (schema: z.ZodType, input: unknown) => refusalOf(parse(schema, input) as object);
