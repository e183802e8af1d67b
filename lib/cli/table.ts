/** Plain tables for terminals: no borders, so that they can be cut and pasted; the last column wraps at the width. */
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

export function renderTable(head: string[], rows: string[][], width: number): string {
  const table = new Table({
    head,
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colWidths: columnWidths([head, ...rows], width),
    wordWrap: true,
  });
  table.push(...rows.map((row) => row.map(printable)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** All but the last column as wide as they need, within reason; the last takes what is left. */
function columnWidths(rows: string[][], width: number): number[] {
  const columns = rows[0]?.length ?? 0;
  const wanted = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 1,
  );
  const limited = wanted.map((want) => Math.min(want, Math.max(12, Math.floor(width * 0.35))));
  const rest = width - limited.slice(0, -1).reduce((sum, want) => sum + want + 2, 0);
  return [...limited.slice(0, -1), Math.max(16, Math.min(wanted.at(-1) ?? 0, rest))];
}

/** What jobs say can hold anything: control characters never reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}
