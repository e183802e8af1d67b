/**
 * Landings of jobs whose integration is `reported`: they ask nobody, and say afterwards where they wrote. There is no
 * fence here, so what cannot be prevented is detected: two systems that both wrote production of one partition are a
 * split writer. Called by `ingest`.
 */
import { type Claim, isQuarantined, openClaim, planTakeOver, revise, settleClaim } from '../domain/claim.ts';
import type { Landing, LandingReport, Table } from '../domain/landing.ts';
import { type Phase, type System, shadowWriter } from '../domain/phases.ts';
import { earlierOf, type Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse, unknownJob } from './refusal.ts';

export interface ReportRequest {
  jobId: string;
  partition: string;
  system: System;
  table: Table;
  report: LandingReport;
}

export async function reportLanding(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  { jobId, partition, system, table, report }: ReportRequest,
  now: Instant,
): Promise<{ table: Table } | Refusal> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const claim = await ports.claims.get(jobId, partition);
    const job = await ports.jobs.get(jobId, 'strong');
    if (!job) return unknownJob(jobId);
    if (job.integration !== 'reported') {
      return refuse(
        'TokenRequired',
        `token: absent, but ${jobId} is registered as ${job.integration}: assign first and land with its token, or register the job as reported`,
        'token',
      );
    }
    if (!claim) {
      await ports.claims.create(openClaim(job, partition, system, readyAtOf(report), now));
      continue;
    }
    // Facts may come after a phase change that took production away: what is quarantined by then is old's to repair.
    const current = planTakeOver(claim, job, now) ?? claim;
    const planned = planReport(comparable(current, system, table, job.phase), system, table, report, now);
    if ('refused' in planned) return planned;
    if (planned.revision === current.revision) return { table };
    const next = { ...planned, readyAt: earlierOf(planned.readyAt, readyAtOf(report)) };
    const written = await ports.claims.replace(next, claim);
    if (written.written) return { table };
  }
  throw contended('report', jobId, partition);
}

/** Where nobody writes shadow any more, a correction is not held against what the other system reported when it still ran. */
function comparable(claim: Claim, system: System, table: Table, phase: Phase): Claim {
  const corrects = table === 'production' && claim.production?.system === system && !isQuarantined(claim);
  if (!corrects || shadowWriter(phase) !== undefined) return claim;
  const { shadow: _, ...alone } = claim;
  return alone;
}

/** Nobody asked before, so the earliest that is known of the partition is when its run began, or else when it landed. */
function readyAtOf({ startedAt, landedAt }: LandingReport): Instant {
  return earlierOf(startedAt ?? landedAt, landedAt);
}

function planReport(claim: Claim, system: System, table: Table, report: LandingReport, now: Instant): Claim | Refusal {
  if (isOfTheRepaired(claim, system, report)) return claim;
  if (table === 'production' && isSplit(claim, system)) return markSplit(claim, system, report, now);
  const held = [claim.production, claim.shadow].find((landing) => landing?.system === system);
  if (held && held === claim.production && table === 'shadow') {
    return refuse(
      'TableConflict',
      `table: shadow, but ${system} has reported production for this partition: report a correction of that with a higher attempt`,
      'table',
    );
  }
  if (table === 'shadow' && claim.shadow && claim.shadow.system !== system) {
    return refuse(
      'TableConflict',
      `table: shadow, but ${claim.shadow.system} has reported the shadow of this partition: ${system} is expected to report production`,
      'table',
    );
  }
  const attempt = report.attempt ?? held?.attempt ?? 1;
  if (held && attempt < held.attempt) {
    return refuse('Fenced', `attempt ${attempt} is older than the accepted attempt ${held.attempt}`, 'attempt');
  }
  const published = held === claim.shadow && table === 'production';
  if (held && attempt === held.attempt && !published) {
    if (held.rowCount === report.rowCount && held.checksum === report.checksum) return claim;
    return refuse(
      'AttemptConflict',
      `attempt ${attempt} was accepted with other content: report a correction with a higher attempt`,
      'attempt',
    );
  }
  return table === 'production'
    ? planProduction(claim, system, { ...report, attempt }, now)
    : settleClaim(revise(claim, { shadow: landingOf(claim, system, { ...report, attempt }, now) }, now));
}

/** A late message of the content that was quarantined, and replaced since: it tells nothing new. */
function isOfTheRepaired(claim: Claim, system: System, { rowCount, checksum }: LandingReport): boolean {
  const bad = claim.quarantine?.new;
  const replaced = claim.production !== undefined && claim.production.system !== system;
  return system === 'new' && replaced && bad?.rowCount === rowCount && bad.checksum === checksum;
}

/** The other system holds production, and nothing asked this one to repair it. */
function isSplit(claim: Claim, system: System): boolean {
  const repairs = isQuarantined(claim) && claim.writer === system;
  return claim.production !== undefined && claim.production.system !== system && !repairs;
}

/** Who came first stands; the other is kept beside it, once. */
function markSplit(claim: Claim, system: System, { landedAt, checksum }: LandingReport, now: Instant): Claim {
  const known = claim.splitWriter;
  if (known?.system === system && known.checksum === checksum && known.landedAt === landedAt) return claim;
  return revise(claim, { splitWriter: { system, landedAt, checksum } }, now);
}

/** Facts go before rights: who wrote production first is the writer. */
function planProduction(
  claim: Claim,
  system: System,
  report: LandingReport & { attempt: number },
  now: Instant,
): Claim {
  const adopted =
    claim.writer === system
      ? claim
      : { ...claim, writer: system, generation: claim.generation + 1, grant: claim.grant + 1 };
  const landing = landingOf(adopted, system, report, now);
  const published = { system, token: landing.token, checksum: landing.checksum, at: now };
  const shadow = adopted.shadow?.system === system ? undefined : adopted.shadow;
  const { shadow: _, ...rest } = adopted;
  return settleClaim(
    revise({ ...rest, ...(shadow && { shadow }) }, { production: landing, published, rightOutstanding: false }, now),
  );
}

function landingOf(claim: Claim, system: System, report: LandingReport & { attempt: number }, now: Instant): Landing {
  return { ...report, system, token: { generation: claim.generation, grant: claim.grant }, acceptedAt: now };
}
