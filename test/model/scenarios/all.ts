/** Every scenario, in the order of the flow. */
import type { Scenario } from '../explore.ts';
import { EVIDENCE } from './evidence.ts';
import { HOOKS } from './hooks.ts';
import { OPERATORS } from './operators.ts';
import { PHASES } from './phases.ts';
import { QUARANTINE } from './quarantine.ts';
import { RUNS } from './runs.ts';

export const SCENARIOS: readonly Scenario[] = [...RUNS, ...PHASES, ...QUARANTINE, ...OPERATORS, ...HOOKS, ...EVIDENCE];
