/** A team's gates and hooks among the functions of this machine, so that `hook` invokes them as it does on AWS. */
import type { Functions } from './functions.ts';
import type { HookSource } from './hook-source.ts';
import { shortFunctionName } from './names.ts';

/** @param hooks by the function's name, as a policy has it. */
export function withHooks(functions: Functions, hooks: Readonly<Record<string, HookSource>> = {}): Functions {
  const added = Object.entries(hooks).map(([name, hook]) => {
    const short = shortFunctionName(name);
    if (Object.hasOwn(functions, short)) {
      throw new Error(`${name} is a function of Crossfade itself: give the hook another name, here and in its policy`);
    }
    return [short, () => ({ handler: hook as (event: never) => unknown })] as const;
  });
  return { ...functions, ...Object.fromEntries(added) };
}
