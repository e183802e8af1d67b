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

/** As wide as their cells where there is room; else first the last gives way, then those that wrap between words, then all. */
function columnWidths(cells: string[][], width: number): number[] {
  const columns = Array.from({ length: cells[0]?.length ?? 0 }, (_, column) => cells.map((row) => row[column] ?? ''));
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  const words = columns.map((column) =>
    Math.max(...column.flatMap((cell) => cell.split(' ').map((word) => word.length))),
  );
  const last = columns.length - 1;
  let excess = widths.reduce((sum, one) => sum + one, 0) - (width - GAP * last);
  for (const least of [widths.with(last, LEAST_LAST), words.with(last, LEAST_LAST), words, widths.map(() => LEAST)]) {
    for (; excess > 0; excess--) {
      const room = widths.map((one, column) => one - (least[column] ?? 0));
      const widest = widths.reduce(
        (best, one, column) => ((room[column] ?? 0) > 0 && one > (widths[best] ?? 0) ? column : best),
        room.findIndex((spare) => spare > 0),
      );
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
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
