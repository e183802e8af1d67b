/** The name that was probably meant: for messages about a word that nobody knows. Pure. */

/** A slip of at most a third of the letters, a word that was cut short, or one with something added. */
export function findNearest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best && best.distance <= Math.min(3, Math.ceil(wanted.length / 3))) return best.name;
  const related = names.filter((name) => shares(wanted, name.toLowerCase()));
  return related.length === 1 ? related[0] : undefined;
}

/** Shorter beginnings are shared by too much. */
const SHARED_LETTERS = 4;
function shares(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= SHARED_LETTERS && (a.startsWith(b) || b.startsWith(a));
}

/** Longer is no slip of a name of ours, and the distance costs the product of both lengths. */
const LONGEST = 64;

/** Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  if (a.length > LONGEST || b.length > LONGEST) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const edits = [(above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1)];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits.push((before[j - 2] ?? 0) + 1);
      row.push(Math.min(...edits));
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
