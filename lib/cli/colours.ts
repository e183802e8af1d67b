/**
 * Colour only where a person looks: on a terminal, and not when NO_COLOR is set. picocolors' own choice also colours what
 * a CI server or a pipe gets, which then has escapes in its files.
 */
import { createColors } from 'picocolors';

export function wantsColour(env: NodeJS.ProcessEnv, stream: { isTTY?: boolean }): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

export const pc = createColors(wantsColour(process.env, process.stdout));
