import { parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { addSeconds } from '../../lib/domain/time.ts';
import { renderAttentionList } from '../../lib/view/attention-list.ts';
import { renderJobPage } from '../../lib/view/job-page.ts';
import { type Measure, renderPairsChart } from '../../lib/view/pairs-chart.ts';
import { planSpans } from '../../lib/view/timeline-chart.ts';
import { aJob, aPair, aTransition, NOW } from '../builders/records.ts';
import { elementsOf, textOf } from './cloudwatch-rules.ts';
import { aJobView, anAttentionView, anEntry, cloudWatchActions } from './views.ts';

const actions = cloudWatchActions();
const attention = (view: Parameters<typeof anAttentionView>[0]) =>
  renderAttentionList(anAttentionView(view), actions).toString();
/** The text, with a blank between elements, as a table has it between its cells. */
const say = (page: { toString(): string }) =>
  textOf(parseFragment(page.toString().replaceAll('<', ' <'))).replace(/\s+/g, ' ');
const headings = (page: string) =>
  elementsOf(parseFragment(page))
    .filter(({ tagName }) => tagName === 'h3')
    .map(say2);
const say2 = (element: Parameters<typeof textOf>[0]) => textOf(element).replace(/\s+/g, ' ').trim();

const because = (cause: string, kind: 'stuck' | 'regressing' = 'stuck') => ({ kind, cause, since: NOW });

describe('the attention list', () => {
  it('is grouped by cause: the most urgent kind first, in it the cause with the most jobs', () => {
    const entries = [
      anEntry({ jobId: 'a', attention: because('capacity') }),
      anEntry({ jobId: 'b', attention: because('soak') }),
      anEntry({ jobId: 'c', attention: because('soak') }),
      anEntry({ jobId: 'd', attention: because('landing-latency-failed', 'regressing') }),
    ];
    expect(headings(attention({ entries }))).toEqual([
      'regressing landing-latency-failed 1 job',
      'stuck soak 2 jobs',
      'stuck capacity 1 job',
    ]);
  });

  it('shows ten jobs of a cause and says how many more have it', () => {
    const entries = Array.from({ length: 1_234 }, (_, i) => anEntry({ jobId: `job-${i}` }));
    const page = attention({ entries });
    expect(page.match(/class="name">job-\d+/g)?.length).toBe(10);
    expect(say(page)).toContain('1,234 jobs need a person.');
    expect(say(page)).toContain('and 1224 more with this cause');
  });

  it('shows twenty causes and says how many jobs have others', () => {
    const entries = Array.from({ length: 25 }, (_, i) =>
      anEntry({ jobId: `job-${i}`, attention: because(`cause ${i}`) }),
    );
    expect(headings(attention({ entries })).length).toBe(20);
    expect(say(attention({ entries }))).toContain('5 jobs with 5 other causes are not shown');
  });

  it('says that there may be more than were read', () => {
    expect(say(attention({ more: true }))).toContain('At least 4 jobs need a person.');
    expect(say(attention({ more: true }))).toContain('a count is of the 4 that were');
    expect(say(attention({}))).not.toContain('More jobs need a person');
  });

  it('counts for each choice what it leaves, given the other', () => {
    const page = say(attention({ filter: { team: 'hotels' } }));
    expect(page).toContain('1 job of 4 that need a person.');
    expect(page).toMatch(/every kind \(1\) .*regressing \(1\)/);
    expect(page).toMatch(/every team \(4\).*flights \(3\).*hotels \(1\)/);
    expect(page).not.toContain('stuck (');
  });

  it('keeps a team that has no job left in sight', () => {
    expect(say(attention({ filter: { team: 'gone' } }))).toContain('gone (0)');
  });

  it('says so when no job needs a person', () => {
    expect(say(attention({ entries: [] }))).toContain('No job needs a person.');
  });
});

describe('the job page', () => {
  it('says what is decided, what it waits for and with which numbers', () => {
    const view = aJobView();
    const page = say(
      renderJobPage(
        aJobView({
          decision: {
            ...view.decision,
            kind: 'hold',
            to: 'cleanup',
            reason: 'need-not-met',
            unmet: [
              { need: 'soak', message: '1 d of the soak of 3 d have passed in reverse-shadow' },
              { need: 'criteria-pass', message: 'said by the verdicts' },
            ],
          },
        }),
        actions,
      ),
    );
    expect(page).toContain('Not moved to cleanup (need-not-met)');
    expect(page).toContain('the job has been in its phase for the soak time: 1 d of the soak of 3 d have passed');
    expect(page).toContain('fail dataQuality 1 of 24 pairs mismatches (0 allowed) 24 of 24 2026-11-22T05');
    expect(page).toContain('missing resourceUtilization no pair says its compute seconds 0 of 24');
    expect(page, 'said once').not.toContain('said by the verdicts');
  });

  it('shows partitions with both numbers, samples of their rows, open claims and the history', () => {
    const page = say(renderJobPage(aJobView(), actions));
    expect(page).toMatch(/2026-11-22T05 mismatch .*quarantined owed by new 1,000 999 c0ffee decaf/);
    expect(page).toContain('2026-11-22T05 mean_delay ATL mean_delay -7 -8');
    expect(page).toContain('2026-11-22T05 new quarantined 2026-11-22 12:50:00Z');
    expect(page).toMatch(/promotion shadow → reverse-shadow .* 24 of 24 pairs match/);
  });

  it('says of whom nobody vouches for that the name is claimed', () => {
    const record = aTransition({ actor: { kind: 'operator', name: 'ana', verified: false }, forced: true });
    const [claimed, vouched] = [false, true].map((verified) =>
      say(
        renderJobPage(
          aJobView({ history: [{ ...record, actor: { kind: 'operator', name: 'ana', verified } }] }),
          actions,
        ),
      ),
    );
    expect(claimed).toContain('shadow (forced) ana (claimed)');
    expect(vouched).toContain('shadow (forced) ana ');
    expect(vouched).not.toContain('(claimed)');
  });

  it('shows no evidence as missing, never as good', () => {
    const page = renderJobPage(aJobView({ pairs: [], standing: [], samples: [] }), actions).toString();
    expect(say(page)).toContain('No partition was landed yet: there is nothing to compare.');
    const outcomes = [...page.matchAll(/badge (\w+)">(pass|missing|fail)/g)].map(([, tone, outcome]) => [
      outcome,
      tone,
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({ pass: 'good', missing: 'silent', fail: 'bad' });
  });
});

describe('the phase timeline', () => {
  const swapped = aTransition({ version: 5, at: addSeconds(NOW, -50), from: 'shadow', to: 'reverse-shadow' });
  const demoted = aTransition({
    version: 6,
    type: 'demotion',
    at: addSeconds(NOW, -20),
    from: 'reverse-shadow',
    to: 'shadow',
  });

  it('goes from the registration through every transition to now', () => {
    const job = aJob({ phase: 'shadow', registeredAt: addSeconds(NOW, -90) });
    expect(planSpans(aJobView({ job, history: [demoted, swapped] }))).toEqual([
      { phase: 'shadow', from: addSeconds(NOW, -90), to: swapped.at },
      { phase: 'reverse-shadow', from: swapped.at, to: demoted.at },
      { phase: 'shadow', from: demoted.at, to: NOW },
    ]);
  });

  it('knows the last transition also before its copy is in the history', () => {
    const job = aJob({ phase: 'shadow', lastTransition: demoted });
    const spans = planSpans(aJobView({ job, history: [swapped], olderHistory: true }));
    expect(spans.map(({ phase }) => phase)).toEqual(['reverse-shadow', 'shadow']);
  });

  it('does not guess what was before the history that was read', () => {
    const job = aJob({ phase: 'shadow', registeredAt: addSeconds(NOW, -90) });
    const [first] = planSpans(aJobView({ job, history: [demoted, swapped], olderHistory: true }));
    expect(first).toMatchObject({ phase: 'reverse-shadow', from: swapped.at });
  });

  it('is one span for a job that never moved', () => {
    const job = aJob({ phase: 'pending', registeredAt: addSeconds(NOW, -90) });
    expect(planSpans(aJobView({ job, history: [] }))).toEqual([
      { phase: 'pending', from: addSeconds(NOW, -90), to: NOW },
    ]);
  });
});

describe('the chart of old against new', () => {
  const measure: Measure = {
    name: 'Lag',
    figureOf: (pair, side) => (side === 'old' ? pair.oldLagSeconds : pair.newLagSeconds),
    say: (value: number) => `${value} s`,
    units: [
      { name: 's', size: 1 },
      { name: 'min', size: 60 },
    ],
  };
  const newOnly = (partition: string) => {
    const { oldLagSeconds: _, ...pair } = aPair({ partition, outcome: 'new-only' });
    return pair;
  };

  it('has a gap where a side has no figure, and never a zero', () => {
    const pairs = ['p1', 'p2', 'p3', 'p4'].map((partition) =>
      partition === 'p3' ? newOnly(partition) : aPair({ partition }),
    );
    const chart = String(renderPairsChart(measure, pairs));
    const path = /<path class="old" d="([^"]*)"/.exec(chart)?.[1];
    expect(path?.match(/M/g)?.length, 'two lines').toBe(2);
    expect(chart.match(/<circle class="old"/g)?.length).toBe(3);
    expect(chart.match(/<circle class="new"/g)?.length).toBe(4);
  });

  it('is in the order of the partitions, and says what each came to', () => {
    const pairs = [aPair({ partition: 'p2', outcome: 'mismatch' }), aPair({ partition: 'p1' })];
    const chart = String(renderPairsChart(measure, pairs));
    expect(chart.match(/<rect class="outcome \w+"/g)).toEqual([
      '<rect class="outcome good"',
      '<rect class="outcome bad"',
    ]);
    expect(chart).toContain('<title>p1: old 1860 s</title>');
  });

  it('has an axis in round numbers of one unit', () => {
    const chart = String(renderPairsChart(measure, [aPair({ partition: 'p1' }), aPair({ partition: 'p2' })]));
    expect([...chart.matchAll(/text-anchor="end">([^<]*)/g)].map(([, label]) => label)).toEqual([
      '0 min',
      '10 min',
      '20 min',
      '30 min',
      '40 min',
    ]);
  });

  it('is left out where one pair or none has a figure', () => {
    expect(renderPairsChart(measure, [aPair()])).toBeUndefined();
    expect(renderPairsChart({ ...measure, figureOf: () => undefined }, [aPair(), aPair()])).toBeUndefined();
  });

  it('stands on its own when every figure is zero', () => {
    const pairs = ['p1', 'p2'].map((partition) => aPair({ partition, oldLagSeconds: 0, newLagSeconds: 0 }));
    expect(String(renderPairsChart(measure, pairs))).not.toMatch(/NaN|Infinity/);
  });
});
