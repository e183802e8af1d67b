/** Where verbs write: text for people, or with `--json` one JSON value for programs. */
import { fitTerminal } from './wrap.ts';

export interface Output {
  json: boolean;
  /** Columns of the terminal, or of COLUMNS; 100 where there is neither. */
  width: number;
  print(text: string): void;
}

const WIDTH = 100;
/** Narrower than this no table is readable, so lines wrap as the terminal likes. */
const NARROWEST = 40;

export function terminalOutput(json: boolean): Output {
  return { json, width: terminalWidth(), print: (text) => process.stdout.write(`${text}\n`) };
}

export function terminalWidth(): number {
  return Math.max(NARROWEST, Number(process.env.COLUMNS) || process.stdout.columns || WIDTH);
}

export function show(output: Output, value: unknown, text: () => string): void {
  output.print(output.json ? JSON.stringify(value) : fitTerminal(text(), output.width));
}
