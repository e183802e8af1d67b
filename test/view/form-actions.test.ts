import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { describe, expect, it } from 'vitest';
import { createFormActions } from '../../lib/view/form-actions.ts';
import { planOffers } from '../../lib/view/offers.ts';
import { elementsOf, textOf } from './cloudwatch-rules.ts';
import { aJobView } from './views.ts';

const actions = createFormActions({
  hrefOf: (place) => (place.page === 'job' ? `/job?id=${encodeURIComponent(place.jobId)}` : '/attention'),
  postTo: ({ verb }) => `/verbs/${verb}`,
  hidden: { token: 'a "token"' },
});
const attributesOf = ({ attrs }: Tree.Element) => Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
const parsed = (page: { toString(): string }) => elementsOf(parseFragment(page.toString()));

describe('on this machine', () => {
  it('a page is a link, and the one that is shown says so', () => {
    const [link] = parsed(actions.link({ page: 'job', jobId: 'a&b "c"' }, 'label'));
    expect(link && attributesOf(link)).toEqual({ href: '/job?id=a%26b%20%22c%22' });
    const [current] = parsed(actions.link({ page: 'attention' }, 'label', { current: true }));
    expect(current && attributesOf(current)).toEqual({ href: '/attention', 'aria-current': 'page' });
  });

  it('a verb is a form of its own, which carries its request and what every form carries', () => {
    const forms = parsed(actions.offer(planOffers(aJobView()))).filter(({ tagName }) => tagName === 'form');
    expect(forms.map((form) => attributesOf(form).action)).toEqual(['/verbs/hold', '/verbs/restart', '/verbs/demote']);
    const [hold] = forms;
    const inputs = hold
      ? elementsOf(hold)
          .filter(({ tagName }) => tagName === 'input')
          .map(attributesOf)
      : [];
    const hidden = inputs.filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(hidden)).toEqual({ jobId: 'flights-atl', scope: 'promotions', token: 'a "token"' });
    const typed = inputs.filter(({ type }) => type !== 'hidden');
    expect(typed.map(({ name, required }) => [name, required])).toEqual([
      ['actor', ''],
      ['reason', ''],
    ]);
  });

  it('a verb says what it does before it can be sent', () => {
    const [first] = parsed(actions.offer(planOffers(aJobView()))).filter(({ tagName }) => tagName === 'details');
    expect(first && attributesOf(first).open).toBeUndefined();
    expect(first && textOf(first)).toContain('Automation does not promote flights-atl until it is released.');
  });
});
