/** The example's command line. */
import { expect, test } from 'vitest';
import { parseOptions } from '../../examples/flights/options.ts';

test('is the whole story, served on, without options', () => {
  expect(parseOptions([])).toMatchObject({ port: 4400, once: false, json: false, withoutDefects: false });
  expect(parseOptions([])?.parameters).toMatchObject({ airports: 80, days: 50, sparse: 10 });
});

test('takes any free port when it ends by itself, unless one is named', () => {
  expect(parseOptions(['--once'])?.port).toBe(0);
  expect(parseOptions(['--once', '--port', '4500'])?.port).toBe(4500);
});

test('writes events to a file only where one is named', () => {
  expect(parseOptions(['--events', 'told.jsonl'])).toMatchObject({ eventsFile: 'told.jsonl' });
  expect(parseOptions([])).not.toHaveProperty('eventsFile');
});

test('keeps the share of sparse airports in a smaller story', () => {
  expect(parseOptions(['--airports', '16'])?.parameters).toMatchObject({ airports: 16, sparse: 2 });
});

test('refuses what it does not understand, and says what is wanted', () => {
  expect(() => parseOptions(['--days', '0'])).toThrow('--days 0: a whole number from 20 to 180 is wanted');
  expect(() => parseOptions(['--airports', 'all'])).toThrow('--airports all: a whole number from 1 to 200 is wanted');
  expect(() => parseOptions(['--twice'])).toThrow('--twice');
});

test('answers a call for help with nothing to run', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
});
