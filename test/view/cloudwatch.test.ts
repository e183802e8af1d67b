import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../lib/view/answer.ts';
import { renderAttentionList } from '../../lib/view/attention-list.ts';
import { renderJobPage } from '../../lib/view/job-page.ts';
import { renderThemed, THEMES } from '../../lib/view/theme.ts';
import { aJob, NOW } from '../builders/records.ts';
import { clicksOf, findViolations } from './cloudwatch-rules.ts';
import { aJobView, anAttentionView, anEntry, cloudWatchActions, VERB_ARNS, WIDGET_ARN } from './views.ts';

const actions = cloudWatchActions();

describe('the widget', () => {
  it.each(THEMES)('keeps the rules of CloudWatch on every page (%s)', (theme) => {
    const pages = [
      renderAttentionList(anAttentionView(), actions),
      renderAttentionList(anAttentionView({ more: true, filter: { team: 'nobody', kind: 'owed' } }), actions),
      renderAttentionList(anAttentionView({ entries: [] }), actions),
      renderJobPage(aJobView(), actions),
      renderJobPage(aCompleteView(), actions),
      renderJobPage(aJobView({ pairs: [], standing: [], open: [], openCount: 0, history: [], samples: [] }), actions),
      renderAnswer({ ok: true, job: aJob(), next: 'the next sweep promotes it' }),
      renderAnswer({ ok: false, code: 'NotHeld', message: 'it is not held' }),
    ];
    for (const page of pages) expect(findViolations(renderThemed(page, theme).toString())).toEqual([]);
  });

  it('leads to each job, each filter and back', () => {
    const requests = clicksOf(renderAttentionList(anAttentionView(), actions).toString()).map(({ request }) => request);
    expect(requests).toContainEqual({ jobId: 'hotels-eu' });
    expect(requests).toContainEqual({ kind: 'regressing' });
    expect(requests).toContainEqual({ team: 'hotels' });
    const filtered = renderAttentionList(anAttentionView({ filter: { team: 'hotels' } }), actions).toString();
    expect(clicksOf(filtered).map(({ request }) => request)).toContainEqual({ team: 'hotels', kind: 'regressing' });
    expect(clicksOf(filtered).map(({ request }) => request)).toContainEqual({});
    const back = clicksOf(renderJobPage(aJobView(), actions).toString())[0];
    expect(back).toMatchObject({ endpoint: WIDGET_ARN, request: {}, confirmation: undefined });
  });

  it("asks before a verb, which it calls at the verb's own function", () => {
    const clicks = clicksOf(renderJobPage(aJobView(), actions).toString());
    expect(clicks.find(({ label }) => label === 'Demote to shadow')).toEqual({
      label: 'Demote to shadow',
      endpoint: VERB_ARNS.demote,
      confirmation: 'flights-atl goes from reverse-shadow back to shadow, now and without conditions. Go on?',
      request: { jobId: 'flights-atl', to: 'shadow' },
    });
    for (const { endpoint, confirmation } of clicks) {
      expect(confirmation === undefined, `${endpoint} is confirmed unless it only reads`).toBe(endpoint === WIDGET_ARN);
    }
  });

  it('has one field for each thing to be filled in, whatever the number of buttons', () => {
    const page = renderJobPage(aJobView(), actions).toString();
    expect(page.match(/<input [^>]*name="[a-z]+"/g)?.map((field) => /name="([a-z]+)"/.exec(field)?.[1])).toEqual([
      'actor',
      'reason',
    ]);
  });

  it('is as the golden file says', async () => {
    const view = anAttentionView({ entries: [anEntry()] });
    await expect(`${renderAttentionList(view, actions)}\n`).toMatchFileSnapshot('golden/attention-list.html');
  });
});

describe('the checker finds', () => {
  const button = '<a class="btn">x</a>';
  const call = (attributes: string, content = '{}') => `${button}<cwdb-action ${attributes}>${content}</cwdb-action>`;
  const good = `action="call" endpoint="${WIDGET_ARN}"`;
  it.each([
    ['<script>1</script>', 'tag script'],
    ['<iframe></iframe>', 'tag iframe'],
    ['<svg><use></use></svg>', 'tag use'],
    ['<p onclick="x">', 'attribute onclick'],
    ['<svg><rect ONLOAD="x"/></svg>', 'attribute onload'],
    ['<a href="https://example.com">x</a>', 'attribute href="https://example.com"'],
    ['<a href="javascript:x">x</a>', 'attribute href="javascript:x"'],
    ['<p style="background:url(x)">', 'attribute style="background:url(x)"'],
    ['<style>@import "x"</style>', 'style with an address'],
    [`<cwdb-action ${good}>{}</cwdb-action>`, 'cwdb-action without its button'],
    [`<p>x</p><cwdb-action ${good}>{}</cwdb-action>`, 'cwdb-action without its button'],
    [call(good, 'x'), 'cwdb-action without JSON'],
    [call(good, '{<b></b>}'), 'cwdb-action with markup inside'],
    [call('action="call" endpoint="https://example.com"'), 'cwdb-action endpoint https://example.com'],
    [call(`${good} onclick="x"`), 'cwdb-action onclick'],
  ])('%s', (html, finding) => {
    expect(findViolations(html)).toContain(finding);
    expect(findViolations(call(good))).toEqual([]);
  });
});

/** Everything that a job page can show at once. */
function aCompleteView() {
  const view = aJobView();
  const by = { actor: 'ana', at: NOW };
  return {
    ...view,
    job: {
      ...view.job,
      hold: { scope: 'promotions' as const, reason: 'a look', until: '2026-12-01T00:00:00.000Z', ...by },
      proposal: { to: 'cleanup' as const, kind: 'promotion' as const, reason: 'criteria-pass', at: NOW },
      retired: { reason: 'gone', ...by },
      cooldownUntil: '2026-12-01T00:00:00.000Z',
      awaitingOld: true,
      baseline: { frozenAt: NOW, pairs: 12, lagSeconds: 2_000 },
    },
    signOffs: {
      to: 'cleanup' as const,
      quorum: 2,
      from: ['Approver'],
      allowClaimed: false,
      given: [{ to: 'cleanup' as const, verified: true, epoch: 3, ...by }],
    },
    overflow: true,
    openCount: 500,
    olderHistory: true,
  };
}
