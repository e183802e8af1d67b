/**
 * A process that publishes one partition again and again, for `warehouse.test.ts`, which starts two of them at once:
 * `node racing-publisher.ts ROOT NAME START_MS TOKEN...`. Prints the tokens that were accepted, as JSON.
 */
import { Warehouse } from '../../examples/flights/warehouse.ts';

const [root = '', name = '', startMs = '0', ...tokens] = process.argv.slice(2);
const warehouse = new Warehouse(root);
const accepted: string[] = [];

while (Date.now() < Number(startMs)) {
  // Busy on purpose: both processes leave the line in the same millisecond.
}
for (const token of tokens) {
  const staged = warehouse.stage('table', 'partition', `${name} ${token}`);
  const publication = { token, run: name, system: 'new', release: '1', rowCount: 1, landedAt: '' } as const;
  const outcome = warehouse.publish(staged, { ...publication, checksum: `${name} ${token}`, publishedAt: '' });
  if (outcome.ok) accepted.push(token);
}
console.log(JSON.stringify(accepted));
