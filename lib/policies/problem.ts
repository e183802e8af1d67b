/**
 * What is wrong with a file of policies, and where: for `policy check`, synth and every start that reads policies, in the
 * same words. Rendered as `FILE:LINE:COLUMN: FIELD: ...`, which terminals and editors turn into a link.
 */

export interface Position {
  line: number;
  column: number;
}

export interface Problem extends Position {
  file: string;
  /** Where in the file's content; absent when it is about the file itself. */
  field?: string;
  /** What is wrong, the value seen, and what is allowed. */
  message: string;
}

/** All of a folder's problems at once. */
export class PoliciesRefused extends Error {
  override readonly name = 'PoliciesRefused';
  readonly problems: readonly Problem[];

  constructor(folder: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(
      [
        `policies in ${folder} are refused, ${count}:`,
        ...problems.map(renderProblem),
        'mend these lines; `crossfade policy check` reads them again',
      ].join('\n'),
    );
    this.problems = problems;
  }
}

export function renderProblem({ file, line, column, field, message }: Problem): string {
  return `${file}:${line}:${column}: ${field === undefined ? '' : `${field}: `}${message}`;
}

/** By file and line, each once: what a policy inherits is not its own problem. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [renderProblem(problem), problem]));
  return [...once.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
