import { explore } from './explore.ts';
import { SCENARIOS as S } from './scenarios/all.ts';
import { DEEP } from './scenarios/deep.ts';
const SCENARIOS = process.env.DEEP ? DEEP : S;
let total = 0, secs = 0;
for (const s of SCENARIOS.filter((s) => !process.argv[2] || s.name.includes(process.argv[2]))) {
  const r = await explore(s, { limit: Number(process.env.LIMIT ?? 12e6), exact: !!process.env.EXACT }).catch((e) => { console.log(s.name, String(e)); }); if (!r) continue;
  total += r.states; secs += r.seconds;
  console.log(new Date().toISOString().slice(14,19), r.scenario.padEnd(30), r.states, r.transitions, r.worlds, r.nodes, r.seconds.toFixed(1));
  if (r.violation) { console.log(r.violation.message); for (const x of r.violation.steps) console.log('  ', x); }
}
console.log(total, secs);
