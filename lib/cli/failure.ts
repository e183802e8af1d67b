/** What a verb's failure is to the person who typed it: one line that says what to do next, or a stack for a surprise. */
import { CommanderError } from 'commander';
import { CliError } from './connection.ts';

/** 0 done, 1 refused or failed, 2 not understood, 70 a surprise. docs/operations.md lists them. */
export interface Failure {
  exitCode: number;
  /** Nothing where commander has said it already. */
  message?: string;
}

const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'nothing answers there: start `crossfade local`, or name another endpoint with --local URL',
  CredentialsProviderError: 'no AWS credentials were found: sign in (aws sso login), or set AWS_PROFILE',
  ExpiredTokenException: 'your AWS session is over: sign in again',
  ExpiredToken: 'your AWS session is over: sign in again',
  AccessDeniedException: 'you may not do this here: docs/operations.md says which role may',
  AccessDenied: 'you may not do this here: docs/operations.md says which role may',
  ResourceNotFoundException: 'the deployment has no such function or table: is it of this version?',
  ValidationError: 'is the name of the stack right, and the region (AWS_REGION)?',
};

export function explainFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof Error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const advice = ADVICE[code ?? ''] ?? ADVICE[name];
    if (advice) return { exitCode: 1, message: `${error.message || code || name}\n${advice}` };
  }
  return { exitCode: 70, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
