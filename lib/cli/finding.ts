/** One line of `crossfade doctor`, and how what could not be seen becomes one. Pure. */
import type { Seen } from '../aws/asking.ts';

/**
 * `ok`: as it should be, or there is no such thing here and need not be. `wrong`: `next` says what to do. `denied`: the
 * caller may not look. `skipped`: nobody asked for it, or there is nothing yet to judge by.
 */
export interface Finding {
  check: string;
  state: 'ok' | 'wrong' | 'denied' | 'skipped';
  message: string;
  next?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message });
export const wrong = (check: string, message: string, next: string): Finding => ({
  check,
  state: 'wrong',
  message,
  next,
});
export const skipped = (check: string, message: string): Finding => ({ check, state: 'skipped', message });

const REDEPLOY = 'deploy the stack again (npx cdk diff, npx cdk deploy)';
const AGAIN_LOCAL = 'stop crossfade local and start it again';

/** What puts a part of the deployment back that is gone or differs. */
export function restore(local: boolean): string {
  return local ? AGAIN_LOCAL : REDEPLOY;
}

/** @param next what to do when it is not there. */
export function judge<T>(check: string, seen: Seen<T>, next: string, ofValue: (value: T) => Finding): Finding {
  switch (seen.kind) {
    case 'seen':
      return ofValue(seen.value);
    case 'denied':
      return {
        check,
        state: 'denied',
        message: `not permitted to check: needs ${seen.needs}`,
        next: 'use a role that has it, such as the one that deploys, or let its owner run this',
      };
    case 'missing':
      return wrong(check, 'is not there', next);
    case 'failed':
      return wrong(check, `could not be checked: ${seen.message}`, 'run this again; if it stays, mend what it names');
  }
}
