/** What can be done about the whole fleet from its page: pause promotions, resume, close the breaker. Forms, as on jobs. */
import { activePause, breakerIsOpen, type Controls } from '../domain/controls.ts';
import type { Instant } from '../domain/time.ts';
import { FIELD_LABELS } from './actions.ts';
import { type Html, html } from './html.ts';

interface ControlTarget {
  postTo: (verb: 'pause' | 'resume') => string;
  /** What every form carries, such as the token that verbs want. */
  hidden: Readonly<Record<string, string>>;
}

export function renderControls(controls: Controls, at: Instant, { postTo, hidden }: ControlTarget): Html {
  const form = (verb: 'pause' | 'resume', label: string, effect: string, more: Record<string, string> = {}) =>
    html`<details class="verb"><summary class="btn">${label}</summary><form method="post" action="${postTo(verb)}"><p>${effect}</p>
${Object.entries({ ...more, ...hidden }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label>${FIELD_LABELS.actor} <input name="actor" required maxlength="256" autocomplete="username"></label>
<label>${FIELD_LABELS.reason} <input name="reason" required maxlength="1024" autocomplete="off"></label>
<button class="btn btn-primary" type="submit">${label}</button></form></details>`;
  return html`<section class="control" aria-label="The whole fleet"><div class="verbs">
${
  activePause(controls, at)
    ? form('resume', 'Resume the fleet', 'The pause ends: the next sweep promotes again.')
    : form('pause', 'Pause promotions', 'No job is promoted until somebody resumes. Demotions go on.', {
        scope: 'promotions',
      })
}
${breakerIsOpen(controls, at) && form('resume', 'Close the breaker', 'Promotions go on before the breaker closes by itself.', { breaker: 'true' })}
</div></section>`;
}
