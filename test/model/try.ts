import { explore } from './explore.ts';
import { SCENARIOS } from './scenarios/all.ts';
let total = 0, secs = 0;
for (const s of SCENARIOS.filter((s) => !process.argv[2] || s.name.includes(process.argv[2]))) {
  const r = await explore(s, { limit: 6e6, exact: !!process.env.EXACT });
  total += r.states; secs += r.seconds;
  console.log(r.scenario.padEnd(30), r.states, r.transitions, r.worlds, r.nodes, r.seconds.toFixed(1));
  if (r.violation) { console.log(r.violation.message); for (const x of r.violation.steps) console.log('  ', x); }
}
console.log(total, secs);
