/** Runs axe-core in a page. By evaluation, which a page's content security policy does not reach, as it reaches scripts. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export interface Finding {
  rule: string;
  impact: string;
  where: string[];
}

/** What is serious or critical. */
export async function findBarriers(page: Page): Promise<Finding[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ exclude: [] }, { resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({
      rule: id,
      impact: String(impact),
      where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }));
}
