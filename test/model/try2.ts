import { CLAUSES } from '../../lib/controller/clauses.ts';
import { guards } from '../../lib/domain/guards.ts';
import { exploreWithout } from './removal.ts';
import { SCENARIOS } from './scenarios/all.ts';
const names = [...Object.keys(CLAUSES), ...Object.keys(guards), 'destination-fence'].filter((n) => !process.argv[2] || n.includes(process.argv[2]));
for (const name of names) {
  for (const s of SCENARIOS) {
    try {
    const { found } = await exploreWithout(name as never, [s], 1e6);
    if (found?.violation) console.log(name.padEnd(28), s.name.padEnd(28), found.violation.steps.length, found.states, found.seconds.toFixed(2), found.violation.message);
    if (found?.violation && process.argv[3]) for (const x of found.violation.steps) console.log('  ', x);
    } catch (e) { if (!String(e).includes('more than')) console.log(name.padEnd(28), s.name, 'THROWS', String(e)); }
  }
  console.log('--', name);
}
