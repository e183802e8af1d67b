import { explore } from './explore.ts';
import { SCENARIOS } from './scenarios.ts';
import { run, sweep, transit } from './programs.ts';
const base = SCENARIOS[0]!;
const D = transit('reverse-shadow', 'shadow');
for (const actors of [[run('new'), D], [run('new'), D, sweep()], [run('new'), run('old'), D], [run('new'),run('new',{content:'other'}), D],[run('new'), run('old'), D, sweep()]]) {
  const r = await explore({ ...base, actors, staleReads: false, lostAnswers: 0 }, { limit: 8e6 });
  console.log(actors.length, r.states, r.transitions, r.worlds, r.nodes, r.seconds.toFixed(1));
  if (r.violation) { console.log(r.violation.message); for (const x of r.violation.steps) console.log('  ', x); }
}
const r = await explore(SCENARIOS[1]!, { limit: 8e6 });
  console.log(r.states, r.transitions, r.worlds, r.nodes, r.seconds.toFixed(1));
  if (r.violation) { console.log(r.violation.message); for (const x of r.violation.steps) console.log('  ', x); }
