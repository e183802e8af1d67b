/**
 * How a domain record lies in an item. What keys, conditions and queries by hand need are attributes of their own; all
 * the rest is one JSON string, `body`, because decoding nested attributes costs seven times as much and a sweep decodes
 * fifty thousand jobs. No fact is held twice: a phase that was set by hand is the phase that readers see and that
 * conditions compare. Attributes that are derived (index keys, the actor's name) are written and never read back.
 */

/** An item as the document client takes and gives it. */
export type Item = Record<string, unknown>;

export const LAYOUT = 1;

/** The attributes that every item with a body has. */
export function encodeBody(rest: object): { layout: number; body: string } {
  return { layout: LAYOUT, body: JSON.stringify(rest) };
}

/** What `encodeBody` was given. Types are trusted; the layout is not. */
export function decodeBody(item: Item, what: string): Item {
  requireLayout(item, what);
  try {
    return JSON.parse(item.body as string) as Item;
  } catch (cause) {
    throw new Error(`${what} has a body that is not JSON: restore the item, it was changed by hand`, { cause });
  }
}

export function requireLayout(item: Item, what: string): void {
  if (item.layout === LAYOUT) return;
  throw new Error(
    `${what} has layout ${String(item.layout)}, and this release reads layout ${LAYOUT}: deploy the release that wrote it, or migrate the item`,
  );
}

/** More than any record that the boundary lets in. DynamoDB's own limit, 400 KB, would let three take a page of a listing. */
const LIMIT_BYTES = 131_072;

/** The item, when it is within its limit. */
export function requireSize(item: Item, what: string, limitBytes: number = LIMIT_BYTES): Item {
  const bytes = itemBytes(item);
  if (bytes <= limitBytes) return item;
  throw new Error(`${what} is ${bytes} bytes, and may be ${limitBytes}: shorten its texts`);
}

/** As DynamoDB counts, for the scalar attributes that these items have. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value === undefined) continue;
    bytes += name.length;
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
    else if (value instanceof Uint8Array) bytes += value.byteLength;
    else if (typeof value === 'number') bytes += Math.ceil(String(value).length / 2) + 1;
    else bytes += 1;
  }
  return bytes;
}
