/** Where verbs write: text for people, or with `--json` one JSON value for programs. */
export interface Output {
  json: boolean;
  /** Columns of the terminal, 100 where there is none. */
  width: number;
  print(text: string): void;
}

export function terminalOutput(json: boolean): Output {
  return { json, width: process.stdout.columns ?? 100, print: (text) => process.stdout.write(`${text}\n`) };
}

export function show(output: Output, value: unknown, text: () => string): void {
  output.print(output.json ? JSON.stringify(value) : text());
}
