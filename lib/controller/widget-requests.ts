/**
 * What the CloudWatch console sends: to the widget, which page is wanted; to a verb, a click on one of the widget's buttons.
 * In both `widgetContext` says what the dashboard is like and what was filled in; it is the console's, and may grow.
 */
import * as z from 'zod';
import { ATTENTION_KINDS } from '../domain/attention.ts';
import { explainSchema } from './requests.ts';

const widgetContext = z.looseObject({
  theme: z.enum(['light', 'dark']).optional().catch(undefined),
  forms: z.looseObject({ all: z.record(z.string(), z.unknown()).optional() }).optional(),
});

export const widgetSchema = z.strictObject({
  /** Asks for the documentation of the widget's parameters. */
  describe: z.boolean().optional(),
  jobId: explainSchema.shape.jobId.optional(),
  team: z.string().min(1).max(64).optional(),
  kind: z.enum(ATTENTION_KINDS).optional(),
  widgetContext: widgetContext.optional(),
});

export const clickSchema = z.looseObject({ widgetContext });

/** What a person fills in. Everything else of a request is the button's. */
const TYPED = ['actor', 'reason', 'confirm'] as const;

/**
 * The verb's request that a click stands for; the verb's own schema then judges it like any other. Actor and reason are taken
 * from what was typed, and from nowhere else: the console also invokes whatever function a dashboard names as a widget, with
 * the parameters of its author, as soon as somebody looks at it. Such a call has typed nothing, and the verb refuses it.
 */
export function requestOfClick({ widgetContext: { forms }, ...request }: z.output<typeof clickSchema>): object {
  const all = forms?.all ?? {};
  const typed = TYPED.map((field) => {
    const value = Object.hasOwn(all, field) ? all[field] : undefined;
    const text = typeof value === 'string' ? value.trim() : value;
    // An empty field is an absent one, which the verb refuses by its name.
    return [field, text === '' ? undefined : text] as const;
  });
  const filled = typed.filter(([, value]) => value !== undefined);
  const rest = Object.entries(request).filter(([name]) => !TYPED.some((field) => field === name));
  return Object.fromEntries([...rest, ...filled]);
}
