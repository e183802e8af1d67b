/** Which deployment a verb talks to: `--local [URL]`, `--stack NAME`, or the environment; and what to say when there is none. */
import { connectLocal, connectStack, type Deployment, type Target } from '../aws/deployment.ts';

export interface ConnectionFlags {
  local?: string | true;
  stack?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:4400';

/** An expected failure of a verb: printed as it is, without a stack trace. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export async function connect(flags: ConnectionFlags): Promise<Deployment> {
  const target = chooseTarget(flags);
  return 'local' in target ? connectLocal(target.local) : connectStack(target.stack);
}

/** What is typed goes before the environment, and there `local` before a stack. */
export function chooseTarget({ local, stack }: ConnectionFlags): Target {
  const { CROSSFADE_LOCAL, CROSSFADE_STACK } = process.env;
  if (local !== undefined) return { local: local === true ? CROSSFADE_LOCAL || DEFAULT_URL : local };
  if (stack !== undefined) return { stack };
  if (CROSSFADE_LOCAL) return { local: CROSSFADE_LOCAL };
  if (CROSSFADE_STACK) return { stack: CROSSFADE_STACK };
  throw new CliError(
    'no deployment is named: use --local [URL] for a running `crossfade local`, --stack NAME for a deployed one, or set CROSSFADE_LOCAL or CROSSFADE_STACK',
    2,
  );
}
