/** How often a use case tries again after a lost race, and what it says when that was not enough. */

/** Each loss means that another writer made progress, so so many in a row means something writes in a loop. */
export const MAX_TRIES = 12;

export function contended(what: string, ...names: string[]): Error {
  return new Error(
    `${what} ${names.join(' ')}: lost ${MAX_TRIES} races in a row, nothing was changed by this call; it is safe to call again`,
  );
}
