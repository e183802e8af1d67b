/** Text for a terminal: lines that fit it, and no control character but line ends and the colours that verbs set. */
import { stripVTControlCharacters } from 'node:util';

const COLOUR = '\\u001b\\[\\d+m';
const OTHER_CONTROLS = new RegExp(`(${COLOUR})|[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]`, 'g');

/** Long lines go on in the next, a little further in. */
export function fitTerminal(text: string, width: number): string {
  return text
    .replace(OTHER_CONTROLS, (_, colour?: string) => colour ?? '\ufffd')
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (lengthOf(line) <= width) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimStart().split(' ')) {
    const start = lines.length === 0 ? indent : `${indent}    `;
    const longer = current === '' ? start + word : `${current} ${word}`;
    if (current === '' || lengthOf(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = `${indent}    ${word}`;
    }
  }
  return [...lines, current].join('\n');
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
