/** The widget and what its buttons do, with the real handlers on a real store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFragment } from 'parse5';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as hold } from '../../functions/hold.ts';
import { configure } from '../../functions/runtime.ts';
import { handler as widget } from '../../functions/widget.ts';
import { HANDLERS } from '../../lib/constructs/handlers.ts';
import type { Job } from '../../lib/domain/job.ts';
import { toMs } from '../../lib/domain/time.ts';
import { OFFERED_VERBS } from '../../lib/view/actions.ts';
import { aJob, NOW } from '../builders/records.ts';
import { openDynalite } from '../contract/dynalite-server.ts';
import { connectTo, freshTables, storesOn } from '../contract/dynamo.ts';
import { clicksOf, findViolations, textOf } from '../view/cloudwatch-rules.ts';
import { VERB_ARNS, WIDGET_ARN } from '../view/views.ts';

vi.mock('../../functions/log.ts', () => ({ log: { info: () => undefined, error: () => undefined } }));

const policies = mkdtempSync(join(tmpdir(), 'crossfade-widget-'));
const context = { invokedFunctionArn: WIDGET_ARN };
let store: ReturnType<typeof storesOn>;
let close: () => Promise<void>;
let client: ReturnType<typeof connectTo>;

beforeAll(async () => {
  const server = await openDynalite();
  client = connectTo(server.endpoint);
  close = server.close;
  writeFileSync(join(policies, 'default.yaml'), 'automation: enforce\n');
}, 60_000);

beforeEach(async () => {
  const tables = await freshTables(client);
  store = storesOn(client, tables);
  for (const [table, name] of Object.entries(tables)) vi.stubEnv(`CROSSFADE_TABLE_${table.toUpperCase()}`, name);
  vi.stubEnv('CROSSFADE_POLICIES', policies);
  vi.stubEnv('CROSSFADE_VERBS', JSON.stringify(VERB_ARNS));
  configure({ now: () => toMs(NOW), dynamo: client });
});

afterAll(async () => {
  await close();
  rmSync(policies, { recursive: true });
});

const stuck = (jobId: string, more: Partial<Job> = {}) =>
  store.jobs.create(aJob({ jobId, phase: 'shadow', attention: { kind: 'stuck', cause: 'soak', since: NOW }, ...more }));
const say = (html: string) =>
  textOf(parseFragment(html.replace(/<style>.*?<\/style>/s, '').replaceAll('<', ' <'))).replace(/\s+/g, ' ');

describe('the widget', () => {
  it('answers with its documentation where the console asks for it', async () => {
    const documentation = await widget({ describe: true }, context);
    expect(documentation).toContain('### Widget parameters');
    expect(documentation).not.toContain('<div');
  });

  it('lists what needs a person, for all or for one team', async () => {
    await stuck('flights-atl');
    await stuck('hotels-eu', { team: 'hotels' });
    const all = await widget({}, context);
    expect(say(all)).toContain('2 jobs need a person.');
    expect(findViolations(all)).toEqual([]);
    const ofTeam = clicksOf(await widget({ team: 'hotels', widgetContext: { theme: 'dark' } }, context));
    expect(ofTeam.filter(({ request }) => 'jobId' in request).map(({ request }) => request)).toEqual([
      { jobId: 'hotels-eu' },
    ]);
  });

  it('leads by its own links from the list to a job and back', async () => {
    await stuck('flights-atl');
    const toJob = clicksOf(await widget({}, context)).find(({ label }) => label === 'flights-atl');
    expect(toJob?.endpoint).toBe(WIDGET_ARN);
    const page = await widget({ ...toJob?.request, widgetContext: {} }, context);
    expect(say(page)).toContain('Not moved to reverse-shadow (need-not-met)');
    expect(findViolations(page)).toEqual([]);
    const back = clicksOf(page)[0];
    expect(say(await widget({ ...back?.request, widgetContext: {} }, context))).toContain('1 job needs a person.');
  });

  it('has buttons that hold the job under the name that was filled in, which is claimed', async () => {
    await stuck('flights-atl');
    const page = await widget({ jobId: 'flights-atl' }, context);
    const button = clicksOf(page).find(({ label }) => label === 'Hold');
    expect(button?.endpoint).toBe(VERB_ARNS.hold);
    const filledIn = { actor: 'ana', reason: 'a look at <b>it</b>' };
    const answer = await hold({ ...button?.request, widgetContext: { theme: 'dark', forms: { all: filledIn } } });
    expect(say(String(answer))).toContain('Done. flights-atl is in shadow.');
    const job = await store.jobs.get('flights-atl', 'strong');
    expect(job?.hold).toMatchObject({ scope: 'promotions', ...filledIn });
    expect(job?.lastOverride?.actor).toEqual({ kind: 'operator', name: 'ana', verified: false });
    const held = await widget({ jobId: 'flights-atl' }, context);
    expect(say(held)).toContain('held (promotions) by ana at 2026-11-22 13:00:00Z : a look at <b>it</b>');
    expect(clicksOf(held).map(({ label }) => label)).toContain('Release');
  });

  it('says that a job is not registered', async () => {
    expect(say(await widget({ jobId: 'nobody' }, context))).toContain('job "nobody" is not registered');
  });

  it.each([
    [{ tem: 'flights' }, 'tem: no such field'],
    [{ kind: 'sad' }, 'kind: "sad" is refused'],
    [null, 'Refused'],
  ])('refuses %j, and says what is allowed', async (parameters, message) => {
    expect(say(await widget(parameters, context))).toContain(message);
  });

  it('is told the functions of exactly the verbs that it offers', () => {
    expect([...HANDLERS.widget.offers].sort()).toEqual([...OFFERED_VERBS].sort());
  });
});
