/**
 * The dead-letter queue: what was refused or could not be handled, with the reason, until somebody takes it. With a file
 * every change is a line of JSON, written before it is acknowledged, so the list survives SIGKILL. Receiving hides a
 * letter for a while, as SQS does; deleting ends it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { AwsError } from './aws-error.ts';

/** A message as SQS keeps it. */
export interface Message {
  messageId: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  sentAt: number;
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface DeadLetter extends Message {
  receives: number;
  /** Not shown to another receiver before. */
  hiddenUntil: number;
}

type Line = { letter: Message } | { deleted: string };

export interface DeadLettersOptions {
  file?: string;
  /** Letters that are kept; one more is refused, so that nothing is lost unseen. Default 10,000. */
  limit?: number;
}

export class DeadLetters {
  readonly #file: string | undefined;
  readonly #limit: number;
  readonly #letters = new Map<string, DeadLetter>();

  constructor({ file, limit = 10_000 }: DeadLettersOptions = {}) {
    this.#file = file;
    this.#limit = limit;
    if (file !== undefined && existsSync(file)) this.#load(file);
  }

  get size(): number {
    return this.#letters.size;
  }

  add(letter: Message): void {
    if (this.#letters.size >= this.#limit) {
      throw new AwsError('OverLimit', `${this.#limit} dead letters are kept, and no more: receive and delete some`);
    }
    this.#append({ letter });
    this.#keep(letter);
  }

  receive(limit: number, hideSeconds: number, nowMs: number): DeadLetter[] {
    const shown = [...this.#letters.values()].filter((letter) => letter.hiddenUntil <= nowMs).slice(0, limit);
    for (const letter of shown) {
      letter.receives += 1;
      letter.hiddenUntil = nowMs + hideSeconds * 1_000;
    }
    return shown;
  }

  delete(messageId: string): void {
    if (!this.#letters.delete(messageId)) return;
    this.#append({ deleted: messageId });
  }

  #keep(letter: Message): void {
    this.#letters.set(letter.messageId, { ...letter, receives: 0, hiddenUntil: 0 });
  }

  #append(line: Line): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  #load(file: string): void {
    const text = readFileSync(file, 'utf8');
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        const parsed = JSON.parse(line) as Line;
        if ('letter' in parsed) this.#keep(parsed.letter);
        else this.#letters.delete(parsed.deleted);
      } catch {
        // The last line of a process that was killed while it wrote; it was not acknowledged.
      }
    }
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  }
}
