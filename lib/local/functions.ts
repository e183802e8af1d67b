/**
 * The functions that are deployed on this machine, by short name: the files of `functions/`, unmodified, loaded when they
 * are first invoked. Tests put fakes in their place.
 */

/** As Lambda sees a function's file. */
export interface FunctionModule {
  handler: (event: never, context: never) => unknown;
}

/** How each function is loaded. */
export type Functions = Readonly<Record<string, () => FunctionModule | Promise<FunctionModule>>>;

export const FUNCTIONS = {
  assign: () => import('../../functions/assign.ts'),
  land: () => import('../../functions/land.ts'),
  published: () => import('../../functions/published.ts'),
  owed: () => import('../../functions/owed.ts'),
  'report-difference': () => import('../../functions/report-difference.ts'),
  ingest: () => import('../../functions/ingest.ts'),
  register: () => import('../../functions/register.ts'),
  promote: () => import('../../functions/promote.ts'),
  demote: () => import('../../functions/demote.ts'),
  hold: () => import('../../functions/hold.ts'),
  release: () => import('../../functions/release.ts'),
  complete: () => import('../../functions/complete.ts'),
  restart: () => import('../../functions/restart.ts'),
  approve: () => import('../../functions/approve.ts'),
  retire: () => import('../../functions/retire.ts'),
  pause: () => import('../../functions/pause.ts'),
  resume: () => import('../../functions/resume.ts'),
  'fan-out': () => import('../../functions/fan-out.ts'),
  evaluate: () => import('../../functions/evaluate.ts'),
  commit: () => import('../../functions/commit.ts'),
  hook: () => import('../../functions/hook.ts'),
  account: () => import('../../functions/account.ts'),
  gather: () => import('../../functions/gather.ts'),
  tell: () => import('../../functions/tell.ts'),
  explain: () => import('../../functions/explain.ts'),
  widget: () => import('../../functions/widget.ts'),
} satisfies Functions;
