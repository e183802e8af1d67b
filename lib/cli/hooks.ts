/** `hooks check`: tries a team's gate or hook against the conformance kit, deployed or on this machine. */
import { randomUUID } from 'node:crypto';
import { createHooks } from '../aws/hooks.ts';
import { checkHook, type HookUnderTest } from '../controller/check-hook.ts';
import type { HookRequest } from '../domain/hook.ts';
import type { HookStep } from '../domain/hook-policy.ts';
import { openHookSource } from '../local/hook-source.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { printable } from './table.ts';

export interface HookFlags {
  step: HookStep;
  function?: string;
  file?: string;
  url?: string;
  timeout: number;
  label?: string[];
  live?: boolean;
}

export async function checkHooks(flags: HookFlags, output: Output): Promise<void> {
  const { step, timeout: timeoutSeconds, live = false } = flags;
  const { name, call } = sourceOf(flags);
  const findings = await checkHook({
    step,
    timeoutSeconds,
    live,
    jobId: `conformance.${randomUUID()}`,
    labels: labelsOf(flags.label ?? []),
    call,
    clock: () => performance.now(),
  });
  const failed = findings.filter(({ ok }) => !ok);
  show(output, { hook: name, step, ok: failed.length === 0, findings }, () =>
    [
      ...findings.map(
        ({ check, ok, message }) => `${ok ? pc.green('✓') : pc.red('✗')} ${check}: ${printable(message)}`,
      ),
      '',
      failed.length === 0
        ? `${name} is well as a ${step} hook${live ? '' : '; as a dry run: --live lets it do what it does'}`
        : `${failed.length} of ${findings.length} do not hold: docs/hooks.md says what is wanted`,
    ].join('\n'),
  );
  // The lines above say it all; only the exit status is left to set.
  if (failed.length > 0) process.exitCode = 1;
}

function sourceOf(flags: HookFlags): { name: string; call: HookUnderTest['call'] } {
  const named = [flags.function, flags.file, flags.url].filter((one) => one !== undefined);
  const [name] = named;
  if (name === undefined || named.length > 1) {
    throw new CliError('name the hook with one of --function NAME, --file FILE, --url URL', 2);
  }
  if (flags.function !== undefined) {
    const hooks = createHooks();
    return { name, call: (request) => hooks.call(name, request as HookRequest, flags.timeout) };
  }
  try {
    const ask = openHookSource(name, flags.timeout);
    return { name, call: async (request) => ({ answered: await ask(request) }) };
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), 2);
  }
}

function labelsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((label) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(label) ?? [];
      if (key === undefined || value === undefined) throw new CliError(`--label ${label}: key=value is wanted`, 2);
      return [key, value];
    }),
  );
}
