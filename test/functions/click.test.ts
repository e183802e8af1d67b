import { parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { answerCall } from '../../functions/caller.ts';
import { parse } from '../../lib/controller/parse.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import { holdSchema } from '../../lib/controller/requests.ts';
import { aJob } from '../builders/records.ts';
import { findViolations, textOf } from '../view/cloudwatch-rules.ts';

/** What the console sends when a button is pressed; the context is that of its documentation. */
const aClick = (request: object, filledIn: object = {}, context: object = {}) => ({
  ...request,
  widgetContext: {
    dashboardName: 'Crossfade',
    widgetId: 'widget-16',
    accountId: '012345678901',
    locale: 'en',
    timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
    period: 300,
    isAutoPeriod: true,
    timeRange: { mode: 'relative', start: 1627236199729, end: 1627322599729, relativeStart: 86400012 },
    theme: 'light',
    linkCharts: true,
    title: 'Attention',
    forms: { all: filledIn },
    params: {},
    width: 588,
    height: 369,
    ...context,
  },
});
const button = { jobId: 'flights-atl', scope: 'promotions' };
const filledIn = { actor: 'ana', reason: 'a look' };

/** A verb that does nothing but judge its request. */
async function press(event: unknown) {
  const carriedOut: unknown[] = [];
  const answer = await answerCall(event, undefined, async (input, verified) => {
    const request = parse(holdSchema, input);
    if (isRefusal(request)) return { ok: false, code: request.code, message: request.message };
    carriedOut.push({ ...request, verified });
    return { ok: true, job: aJob({ phase: 'shadow' }) };
  });
  const html = String(answer);
  return {
    carriedOut,
    html,
    says: textOf(parseFragment(html)).replace(/\s+/g, ' '),
  };
}

describe('a click on a button of the widget', () => {
  it("is the button's request with what was filled in, by a name that nobody vouches for", async () => {
    const { carriedOut, says, html } = await press(aClick(button, { actor: ' ana ', reason: ' a look ', confirm: '' }));
    expect(carriedOut).toEqual([{ ...button, ...filledIn, verified: false }]);
    expect(says).toContain('Done. flights-atl is in shadow.');
    expect(findViolations(html)).toEqual([]);
  });

  it.each(['actor', 'reason'] as const)('refuses an empty %s, and says which field it was', async (field) => {
    const { carriedOut, says } = await press(aClick(button, { ...filledIn, [field]: '  ' }));
    expect(carriedOut).toEqual([]);
    expect(says).toMatch(new RegExp(`Refused. ${field}: nothing is refused.* \\(Invalid\\)`));
  });

  it('refuses what nobody has typed: a dashboard that names a verb as its widget acts for nobody who looks at it', async () => {
    const { carriedOut, says } = await press(aClick({ ...button, ...filledIn }));
    expect(carriedOut).toEqual([]);
    expect(says).toContain('actor: nothing is refused');
  });

  it('refuses a field that the verb does not have, as any other call', async () => {
    const { carriedOut, says } = await press(aClick({ ...button, force: true }, filledIn));
    expect(carriedOut).toEqual([]);
    expect(says).toContain('force: no such field');
  });

  it('lets no field that is filled in become another part of the request', async () => {
    const { carriedOut } = await press(aClick(button, { ...filledIn, jobId: 'another', scope: 'all', until: 'x' }));
    expect(carriedOut).toEqual([{ ...button, ...filledIn, verified: false }]);
  });

  it.each([null, 'x', [], { forms: 'x' }, { forms: { all: [] } }])('refuses a context of %j', async (widgetContext) => {
    const { carriedOut, says } = await press({ ...button, widgetContext });
    expect(carriedOut).toEqual([]);
    expect(says).toContain('Refused.');
  });

  it('shows as text what a refusal says of hostile input', async () => {
    const { html, says } = await press(aClick({ ...button, scope: '<script>alert(1)</script>' }, filledIn));
    expect(says).toContain('<script>');
    expect(findViolations(html)).toEqual([]);
  });
});
