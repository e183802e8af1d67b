/**
 * `npm start`: a real migration on this machine. Prepares the sources, starts Crossfade's local runtime in this process
 * and the two systems in theirs, has the story told (`migration.ts`), compares production with the reference, and says
 * what came of it. Without `--once` it then goes on serving, so that one can look around. A run that fails says why,
 * ends everything it started, and leaves its folder behind.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';
import type { System } from './client.ts';
import { Migration } from './migration.ts';
import { findTroubled, Operations } from './operations.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { prepareSources } from './prepare.ts';
import { checkProduction } from './production-check.ts';
import { showProgress } from './progress.ts';
import { computeReference } from './reference.ts';
import { renderNextSteps, renderResult } from './result.ts';
import { DEFAULT_WORK_FOLDER, readPlan } from './sources.ts';
import { MIGRATION, SWEEPS, WITHOUT_DEFECTS } from './story.ts';
import { type Summary, summarize } from './summary.ts';
import { SystemProcess } from './system-process.ts';
import { HOUR_MS, Timeline } from './timeline.ts';
import { Warehouse } from './warehouse.ts';

const POLICIES = fileURLToPath(new URL('./policies', import.meta.url));
