/**
 * Whatever a job, a team or a person says comes out as text: a page that shows it has the very same elements as one that shows
 * something harmless, and nothing else is left of it than characters.
 */
import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../lib/view/answer.ts';
import { renderAttentionList } from '../../lib/view/attention-list.ts';
import { createFormActions } from '../../lib/view/form-actions.ts';
import { type Html, html, readable, renderText } from '../../lib/view/html.ts';
import { renderJobPage } from '../../lib/view/job-page.ts';
import { aJob, aPair, aStanding, aTransition, NOW } from '../builders/records.ts';
import { clicksOf, elementsOf, findViolations, textOf } from './cloudwatch-rules.ts';
import { aJobView, anAttentionView, anEntry, cloudWatchActions } from './views.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' onmouseover='alert(1)`,
  'javascript:alert(1)',
  '</style><style>*{background:url(//x)}',
  '</cwdb-action><cwdb-action action="call" endpoint="arn:aws:lambda:us-east-1:000000000000:function:other">{}',
  '","expectedVersion":1,"x":"',
  '</title></svg><svg onload=alert(1)>',
  '</td></tr></table><h1>x',
  '<!-- ',
  ']]>',
  '&lt;b&gt;&#60;script&#62;',
  '\u202egpj.exe\u202c',
  '\u2066\u200fabc',
  'a\u0000b\u001b[31mc\u0085d\r\nset-cookie: x',
  '\ud800 half a surrogate',
  'x'.repeat(10_000),
  '<b>'.repeat(4_000),
];
const hostile = () => fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }));

const CONSOLES = [
  ['CloudWatch', cloudWatchActions()],
  [
    'this machine',
    createFormActions({
      hrefOf: (place) => `/job?id=${place.page === 'job' ? encodeURIComponent(place.jobId.toWellFormed()) : ''}`,
      postTo: ({ verb }) => `/verbs/${verb}`,
    }),
  ],
] as const;

/** Every text that somebody else has written is this one. */
function pagesSaying(text: string, actions: (typeof CONSOLES)[number][1]): Html {
  const who = { actor: text, reason: text, at: NOW };
  const view = aJobView();
  const record = aTransition({ jobId: text, message: text, actor: { kind: 'operator', name: text, verified: false } });
  const waived = { needs: [text], mismatches: [] };
  return html`${renderAttentionList(anAttentionView({ entries: [anEntry({ jobId: text, team: text, attention: { kind: 'stuck', cause: text, since: NOW } })] }), actions)}
${renderAnswer({ ok: false, code: 'Invalid', message: text, job: aJob({ jobId: text }), next: text })}
${renderJobPage(
  aJobView({
    job: aJob({
      ...view.job,
      jobId: text,
      team: text,
      hold: { scope: 'promotions', ...who },
      retired: who,
      proposal: { to: 'cleanup', kind: 'promotion', reason: text, at: NOW },
    }),
    policy: { name: text, hash: 'a-hash', automation: 'enforce' },
    attention: { kind: 'stuck', cause: text, since: NOW },
    decision: {
      ...view.decision,
      kind: 'hold',
      message: text,
      verdicts: view.decision.verdicts.map((verdict) => ({ ...verdict, message: text, partitions: [text] })),
      unmet: [{ need: 'soak', message: text }],
    },
    pairs: [aPair({ partition: text, release: text }), aPair({ partition: 'another' })],
    standing: [
      aStanding({
        partition: text,
        mismatch: { oldRows: 1, newRows: 2, oldChecksum: text, newChecksum: text, signature: text },
      }),
    ],
    samples: [{ partition: text, signature: text, values: [{ key: text, column: text, old: text, new: text }] }],
    open: [{ partition: text, writer: 'new', reason: text, since: NOW }],
    signOffs: {
      to: 'cleanup',
      quorum: 1,
      from: [text],
      allowClaimed: true,
      given: [{ to: 'cleanup', verified: false, epoch: 3, actor: text, at: NOW }],
    },
    history: [{ ...record, forced: true, waived }],
  }),
  actions,
)}
${renderJobPage(aJobView({ job: aJob({ ...view.job, jobId: text }) }), actions)}`;
}

/** Tags and names of attributes, in order. */
function skeletonOf(page: string): string[] {
  return elementsOf(parseFragment(page)).map(
    ({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(' ')}`,
  );
}

describe.each(CONSOLES)('on %s', (console, actions) => {
  const harmless = skeletonOf(pagesSaying('harmless', actions).toString());

  it('a hostile text makes no element and no attribute', () => {
    fc.assert(
      fc.property(hostile(), (text) => {
        const page = pagesSaying(text, actions).toString();
        expect(skeletonOf(page)).toEqual(harmless);
        if (console === 'CloudWatch') expect(findViolations(page)).toEqual([]);
      }),
      { numRuns: 80, examples: HOSTILE.map((text) => [text]) },
    );
  });

  it('a hostile text neither turns nor hides what stands beside it', () => {
    fc.assert(
      fc.property(hostile(), (text) => {
        const shown = whatIsShown(pagesSaying(text, actions).toString());
        expect(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.exec(shown.replaceAll('\n', ' '))).toBeNull();
      }),
      { numRuns: 60, examples: HOSTILE.map((text) => [text]) },
    );
  });
});

/** All text, and the attributes that people are shown. What a form carries hidden is what the job is really called. */
function whatIsShown(page: string): string {
  const root = parseFragment(page);
  const told = elementsOf(root).flatMap(({ attrs }) =>
    attrs.filter(({ name }) => ['title', 'aria-label', 'confirmation'].includes(name)).map(({ value }) => value),
  );
  return [textOf(root), ...told].join(' ');
}

describe('a text', () => {
  it('is shown as it is where it can be read, and is bounded', () => {
    fc.assert(
      fc.property(hostile(), (text) => {
        const shown = textOf(parseFragment(renderText(text).toString()));
        expect(shown).toBe(readable(text));
        expect(shown.length).toBeLessThan(1_200);
      }),
      { numRuns: 300, examples: HOSTILE.map((text) => [text]) },
    );
    expect(readable('<script>alert(1)</script>')).toBe('<script>alert(1)</script>');
    expect(readable('x'.repeat(10_000))).toMatch(/^x{1100}\.\.\. \(10000 characters\)$/);
    expect(readable('\u202egpj.exe')).toBe('\ufffdgpj.exe');
  });
});

describe('a button of a job with a hostile name', () => {
  it('names that very job, and nothing else', () => {
    fc.assert(
      fc.property(hostile(), (jobId) => {
        const job = aJob({ ...aJobView().job, jobId });
        const clicks = clicksOf(renderJobPage(aJobView({ job }), cloudWatchActions()).toString());
        const requests = clicks.flatMap(({ request }) => ('jobId' in request ? [request] : []));
        expect(requests).toEqual([
          { jobId, scope: 'promotions' },
          { jobId, expectedVersion: 6 },
          { jobId, to: 'shadow' },
        ]);
      }),
      { numRuns: 80, examples: HOSTILE.map((text) => [text]) },
    );
  });
});
