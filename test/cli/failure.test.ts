import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { wantsColour } from '../../lib/cli/colours.ts';
import { CliError } from '../../lib/cli/connection.ts';
import { explainFailure } from '../../lib/cli/failure.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { fitTerminal } from '../../lib/cli/wrap.ts';

describe('a failure', () => {
  it('has the exit status of its kind, and says what to do next', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    expect(explainFailure(new CliError('refused'))).toEqual({ exitCode: 1, message: 'refused' });
    expect(explainFailure(refused)).toMatchObject({ exitCode: 1, message: expect.stringContaining('crossfade local') });
    expect(explainFailure(denied)).toMatchObject({ exitCode: 1, message: expect.stringContaining('operations.md') });
    expect(explainFailure(new Error('?'))).toMatchObject({ exitCode: 70, message: expect.stringContaining('at ') });
    expect(explainFailure(new CommanderError(0, 'commander.help', ''))).toEqual({ exitCode: 0 });
    expect(explainFailure(new CommanderError(1, 'x', ''))).toEqual({ exitCode: 2 });
  });

  it.each([
    [['promote', '--reason', 'x'], 'neither is given'],
    [['promote', 'a', '--team', 'x', '--reason', 'x'], 'both are given'],
    [['retire', 'a', '--reason', 'x'], '--confirm a'],
    [['status'], 'no deployment is named'],
  ])('of %j is understood before anything is asked of a deployment', async (args, message) => {
    const run = buildProgram(80).parseAsync(['node', 'crossfade', ...args]);
    await expect(run).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
  });
});

it('colour is for terminals, unless it is asked for, and never where NO_COLOR is set', () => {
  expect(wantsColour({}, { isTTY: true })).toBe(true);
  expect(wantsColour({ CI: 'true' }, {})).toBe(false);
  expect(wantsColour({ TERM: 'dumb' }, { isTTY: true })).toBe(false);
  expect(wantsColour({ FORCE_COLOR: '1' }, {})).toBe(true);
  expect(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, { isTTY: true })).toBe(false);
});

it('lines fit the terminal, colours do not count, and no other escape gets there', () => {
  expect(fitTerminal('  - one two three four', 14)).toBe('  - one two\n      three\n      four');
  expect(fitTerminal('\u001b[1mone\u001b[22m two', 7)).toBe('\u001b[1mone\u001b[22m two');
  expect(fitTerminal('a\u001b[2Jb\rc\td', 80)).toBe('a\ufffd[2Jb\ufffdc\ufffdd');
});
