/** The generated parts of the docs, by file and name. `CROSSFADE_UPDATE=1 npm test -- readme` writes them; a test compares. */
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { renderLifecycle, renderNeeds } from './lifecycle-diagram.ts';
import { renderPolicyTable } from './policy-table.ts';

type Blocks = Record<string, () => string>;

export const BLOCKS: Record<string, Blocks> = {
  'README.md': { lifecycle: renderLifecycle, needs: renderNeeds },
  'docs/policies.md': {
    policy: () => renderPolicyTable(policySchema),
    fleet: () => renderPolicyTable(fleetLimitsSchema),
  },
};

const pattern = (name: string) => new RegExp(`(<!-- generated: ${name} -->\n)([\\s\\S]*?)(<!-- /generated -->)`);

export function blockIn(text: string, name: string): string | undefined {
  return pattern(name).exec(text)?.[2]?.trimEnd();
}

export function withBlock(text: string, name: string, content: string): string {
  return text.replace(pattern(name), (_, open: string, __, close: string) => `${open}${content}\n${close}`);
}
