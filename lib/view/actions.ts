/**
 * What a page lets people do, as a value: the pages say which verb or which other page they offer, and `Actions` makes
 * markup of it. So the same page has buttons that invoke Lambda under CloudWatch (`cloudwatch-actions.ts`) and forms and
 * links on this machine (`form-actions.ts`).
 */
import type { AttentionKind } from '../domain/attention.ts';
import type { Phase } from '../domain/phases.ts';
import type { Content, Html } from './html.ts';

/** A page of the console. */
export type Place =
  | { page: 'attention'; team?: string | undefined; kind?: AttentionKind | undefined }
  | { page: 'job'; jobId: string };

/** The verbs on one job that pages offer. `retire` is final and has nothing to do with a migration's progress: CLI only. */
export const OFFERED_VERBS = ['promote', 'demote', 'hold', 'release', 'approve', 'restart', 'complete'] as const;
export type OfferedVerb = (typeof OFFERED_VERBS)[number];

/** What the person adds to a request. `confirm`: the job's name once more, for what cannot be undone. */
export type Field = 'actor' | 'reason' | 'confirm';

export interface Offer {
  verb: OfferedVerb;
  /** On the button: `Demote to shadow`. */
  label: string;
  /** What happens, said before it does. */
  effect: string;
  /** It is what the page advises now. */
  recommended: boolean;
  /** The request but for its fields. A version keeps a stale page from acting. */
  request: {
    jobId: string;
    expectedVersion?: number;
    to?: Phase;
    scope?: 'promotions' | 'all';
    /** Of `release`: two writers are acknowledged, and a hold stays. */
    splitWriter?: true;
  };
  fields: readonly Field[];
}

export interface Actions {
  /** A link to another page; `current` is the one that is shown. */
  link(place: Place, label: Content, options?: { current?: boolean }): Html;
  /** The panel of everything that is offered for one job. */
  offer(offers: readonly Offer[]): Html;
}

export const FIELD_LABELS: Record<Field, string> = {
  actor: 'Your name, without blanks',
  reason: 'Reason, for the record',
  confirm: "The job's name once more, to complete it",
};

/** As the verbs take them. */
export const MAX_LENGTHS: Record<Field, number> = { actor: 256, reason: 1_024, confirm: 256 };
