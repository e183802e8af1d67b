/** The queue's handler over the ports in memory: what is refused is kept with its reason, and stops nothing beside it. */
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../functions/ingest.ts';
import { configure } from '../../functions/runtime.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aStage, type Stage } from '../controller/stage.ts';

const world = vi.hoisted(() => ({ stage: undefined as unknown, dead: [] as { body: string; reason: string }[] }));

vi.mock('../../functions/stores.ts', () => ({
  jobs: () => (world.stage as Stage).ports.jobs,
  claims: () => (world.stage as Stage).ports.claims,
}));
vi.mock('../../lib/aws/dead-letters.ts', () => ({
  createDeadLetters: () => ({ send: async (body: string, reason: string) => void world.dead.push({ body, reason }) }),
}));

// What fails for a passing cause is logged, which is none of these tests' business.
vi.mock('../../functions/log.ts', () => ({ log: { info: () => undefined, error: () => undefined } }));

let stage: Stage;
beforeEach(() => {
  stage = aStage({ jobs: [aJob({ phase: 'shadow', integration: 'reported' })] });
  world.stage = stage;
  world.dead.length = 0;
  configure({ now: () => toMs(NOW) });
  vi.stubEnv('CROSSFADE_DEAD_LETTER_QUEUE_URL', 'http://localhost/dead');
});

const aLanding = (partition: string, given = {}) => ({
  jobId: 'flights-atl',
  partition,
  system: 'old',
  table: 'production',
  rowCount: 1,
  checksum: 'c0ffee',
  landedAt: NOW,
  ...given,
});

const record = (body: unknown, messageId: string): SQSRecord =>
  ({ messageId, body: typeof body === 'string' ? body : JSON.stringify(body) }) as SQSRecord;

const ingest = (...bodies: unknown[]) => handler({ Records: bodies.map((body, i) => record(body, `m${i}`)) });
const landed = () =>
  [...stage.state.claims.values()].filter((claim) => claim.production).map((claim) => claim.partition);

describe('ingest', () => {
  it('takes one landing a message, or up to a hundred', async () => {
    const many = Array.from({ length: 100 }, (_, i) => aLanding(`many-${i}`));
    expect(await ingest(aLanding('one'), many)).toEqual({ batchItemFailures: [] });
    expect(landed().length).toBe(101);
    expect(world.dead).toEqual([]);
  });

  it('keeps the malformed one of a hundred records with its reason, and takes the ninety-nine', async () => {
    const bodies = Array.from({ length: 100 }, (_, i) => aLanding(`p${i}`, i === 42 ? { rowCount: -1 } : {}));
    expect(await ingest(...bodies)).toEqual({ batchItemFailures: [] });
    expect(landed().length).toBe(99);
    expect(world.dead).toEqual([
      {
        body: JSON.stringify(bodies[42]),
        reason: 'Invalid: rowCount: -1 is refused: Too small: expected number to be >=0',
      },
    ]);
  });

  it('keeps the malformed one of a hundred landings in one message, and takes the ninety-nine', async () => {
    const landings = Array.from({ length: 100 }, (_, i) => aLanding(`p${i}`, i === 42 ? { system: 'both' } : {}));
    await ingest(landings);
    expect(landed().length).toBe(99);
    expect(world.dead).toMatchObject([
      { body: JSON.stringify(landings[42]), reason: expect.stringMatching(/^Invalid: system: /) },
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['text that is no JSON', '{"jobId": ', /^Invalid: body: not JSON/],
    ['101 landings', Array(101).fill(aLanding('p')), /^Invalid: body: 101 landings; /],
    ['a number', 7, /^Invalid: /],
    ['null', null, /^Invalid: /],
    ['a landing of an unknown job', aLanding('p', { jobId: 'nobody' }), /^UnknownJob: job "nobody" is not registered/],
    ['a landing in the future', aLanding('p', { landedAt: '2999-01-01T00:00:00Z' }), /^Invalid: landedAt: 2999/],
    ['a partition with a control character', aLanding('p\u0007'), /^Invalid: partition: "p\\u0007"/],
    [
      'a token that was never given',
      { ...aLanding('p'), table: undefined, token: '0000000001.0000000001' },
      /^NotClaimed/,
    ],
  ])('keeps %s with the reason, and goes on', async (_, body, reason) => {
    expect(await ingest(body, aLanding('next'))).toEqual({ batchItemFailures: [] });
    expect(world.dead.length).toBe(1);
    expect(world.dead[0]?.reason).toMatch(reason);
    expect(landed()).toEqual(['next']);
  });

  it('reports a message that fails for a passing cause, alone: it comes again', async () => {
    stage.before('claims.create flights-atl p1', async () => {
      throw new Error('the store is away');
    });
    expect(await ingest(aLanding('p0'), aLanding('p1'), aLanding('p2'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }],
    });
    expect(landed()).toEqual(['p0', 'p2']);
    expect(world.dead).toEqual([]);
  });

  it('answers a message that comes again the same', async () => {
    await ingest(aLanding('p0'));
    stage.writes.length = 0;
    expect(await ingest(aLanding('p0'))).toEqual({ batchItemFailures: [] });
    expect(stage.writes).toEqual([]);
    expect(world.dead).toEqual([]);
  });

  it('gives its own reason for a landing that pretends to be refused already', async () => {
    await ingest(aLanding('p0', { refused: true, code: 'Fine', message: 'look elsewhere' }));
    expect(world.dead[0]?.reason).toMatch(/^Invalid: refused: no such field/);
  });

  it('keeps a hostile landing with the reason, and the ones after it go on', async () => {
    // As JSON text: a hundred thousand arrays in each other.
    const deep = JSON.stringify([aLanding('p0'), 'DEEP', aLanding('p2')]);
    const body = deep.replace('"DEEP"', `{"jobId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(await ingest(body)).toEqual({ batchItemFailures: [] });
    expect(landed()).toEqual(['p0', 'p2']);
    expect(world.dead.length).toBe(1);
  });

  it('keeps a message in which there is no landing at all', async () => {
    await ingest([]);
    expect(world.dead.length).toBe(1);
  });
});
