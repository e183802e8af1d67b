import { describe, expect, it } from 'vitest';
import { renderConfirmation, renderDone } from '../../lib/view/verb-page.ts';
import { aJob, aTransition } from '../builders/records.ts';

const VIEW = { verb: 'demote', jobId: 'flights-atl', backHref: '/job?id=flights-atl' };
const FORM = { action: '/verbs/demote', hidden: { actor: 'ana', reason: '<b>why</b>', requestId: 'r-1' } };

describe('a verb that is to be confirmed', () => {
  it('says every step that it would take, and carries the request with its id', () => {
    const transitions = [
      aTransition({ from: 'cleanup', to: 'reverse-shadow' }),
      aTransition({ from: 'reverse-shadow', to: 'shadow' }),
    ];
    const page = renderConfirmation({ ...VIEW, answer: { ok: true, job: aJob(), transitions } }, FORM).toString();
    expect(page.replaceAll(/<[^>]+>/g, '')).toContain(
      'flights-atl would go cleanup &rarr; reverse-shadow &rarr; shadow',
    );
    expect(page).toContain('name="requestId" value="r-1"');
    expect(page).toContain('&lt;b&gt;why&lt;/b&gt;');
  });

  it('that would be refused has no button, and says all that stands against it', () => {
    const unmet = [{ need: 'soak', message: '1 d of 3 d have passed' }];
    const page = renderConfirmation({ ...VIEW, answer: { ok: true, job: aJob(), unmet } }, FORM).toString();
    expect(page).not.toContain('<button');
    expect(page).toContain('1 d of 3 d have passed');
    const refused = renderConfirmation(
      { ...VIEW, answer: { ok: false, code: 'VersionConflict', message: 'look again' } },
      FORM,
    ).toString();
    expect(refused).not.toContain('<button');
    expect(refused).toContain('look again');
  });
});

describe('a verb that was carried out', () => {
  it('says what is so now, and what automation does next', () => {
    const page = renderDone({
      ...VIEW,
      verb: 'release',
      answer: { ok: true, job: aJob(), next: 'it stays in pending' },
    }).toString();
    expect(page).toContain('It stays in pending');
    expect(page).toContain('not held');
  });

  it('that was refused after all is not shown as done', () => {
    const page = renderDone({
      ...VIEW,
      answer: { ok: false, code: 'NotAllowed', message: 'no demotion leads there' },
    }).toString();
    expect(page).toContain(': refused');
    expect(page).not.toContain('panel good');
  });
});
