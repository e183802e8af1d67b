/** Plain tables for terminals: no borders, so that they can be cut and pasted. Cells wrap; nothing is cut off. */
import Table from 'cli-table3';

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
const GAP = 2;
/** The last column, which says why, gives way to the others, which name things, down to this. */
const LEAST_LAST = 24;
const LEAST = 8;

export function renderTable(head: string[], rows: string[][], width: number): string {
  const cells = [head, ...rows.map((row) => row.map(printable))];
  const colWidths = columnWidths(cells, width);
  const [titles = [], ...body] = cells.map((row) =>
    row.map((cell, column) => breakWords(cell, colWidths[column] ?? 0)),
  );
  const table = new Table({
    head: titles,
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colWidths,
    wordWrap: true,
  });
  table.push(...body);
  const lines = table.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** As wide as their cells where there is room. */
function columnWidths(cells: string[][], width: number): number[] {
  const count = cells[0]?.length ?? 0;
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const room = width - GAP * (count - 1);
  const total = () => widths.reduce((sum, one) => sum + one, 0);
  const last = count - 1;
  widths[last] = Math.max(Math.min(widths[last] ?? 0, LEAST_LAST), (widths[last] ?? 0) - Math.max(0, total() - room));
  for (let excess = total() - room; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A name that is longer than its column goes on in the next line: cut off it could not be copied. */
function breakWords(cell: string, width: number): string {
  if (cell.length <= width) return cell;
  return cell
    .split(' ')
    .map((word) => word.match(new RegExp(`.{1,${width}}`, 'gu'))?.join('\n') ?? word)
    .join(' ');
}

/** What jobs say can hold anything: control characters never reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** `2026-11-22T13:00:00Z`: no one reads milliseconds. */
export function moment(at: string | undefined): string {
  return at?.replace(/\.\d+Z$/, 'Z') ?? '';
}
