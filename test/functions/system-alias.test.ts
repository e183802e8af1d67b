import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as assign } from '../../functions/assign.ts';
import { handler as land } from '../../functions/land.ts';
import { handler as published } from '../../functions/published.ts';
import { configure } from '../../functions/runtime.ts';
import { systemOf } from '../../functions/system-alias.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aStage, type Stage } from '../controller/stage.ts';

const world = vi.hoisted(() => ({ stage: undefined as unknown }));

vi.mock('../../functions/stores.ts', () => ({
  jobs: () => (world.stage as Stage).ports.jobs,
  claims: () => (world.stage as Stage).ports.claims,
}));

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:Crossfade-assign';
const through = (alias: string) => ({ invokedFunctionArn: `${ARN}:${alias}` });
const on = (system: string) => ({ jobId: 'flights-atl', partition: '2026-11-22T12', system });
const refusal = { code: 'WrongSystem', field: 'system', message: expect.stringContaining('the alias old was invoked') };

beforeEach(() => {
  world.stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
  configure({ now: () => toMs(NOW) });
});

describe('an alias fixes the system', () => {
  it('of whoever invokes it', async () => {
    expect(await assign(on('old'), through('old'))).toMatchObject({ write: 'production' });
    expect(await assign(on('new'), through('new'))).toMatchObject({ write: 'shadow' });
  });

  it('refuses a request for the other one, alone or in a batch', async () => {
    expect(await assign(on('new'), through('old'))).toEqual({ error: refusal });
    expect(await assign({ batch: [on('new'), on('old')] }, through('old'))).toMatchObject({
      results: [{ error: refusal }, { write: 'production' }],
    });
  });

  it('refuses landings and confirmations of the other one', async () => {
    const landing = { ...on('new'), token: '1.1', rowCount: 1, checksum: 'x', landedAt: NOW };
    expect(await land(landing, through('old'))).toEqual({ accepted: false, ...refusal });
    const confirmation = { ...on('new'), token: '1.1', checksum: 'x' };
    expect(await published(confirmation, through('old'))).toEqual({ ok: false, ...refusal });
  });

  it.each([undefined, {}, { invokedFunctionArn: ARN }, through('$LATEST'), through('7')])(
    'and without one the request does: %j',
    (invocation) => {
      expect(systemOf(invocation)).toBeUndefined();
    },
  );
});
