/**
 * Step Functions on this machine: runs the ASL file as it is in an interpreter, its tasks as invocations of the functions
 * whose ARNs were substituted. Names are what makes starting idempotent: the same name with the same input answers the
 * same while it runs, and is refused with `ExecutionAlreadyExists` afterwards, for as long as it is remembered.
 */
import { readFileSync } from 'node:fs';
import { StateMachine } from 'aws-local-stepfunctions';
import { AwsError } from './aws-error.ts';
import { executionArn, functionArn, STATE_MACHINE_ARN, shortFunctionName } from './names.ts';
import { Quiet } from './quiet.ts';

export interface ExecutionsOptions {
  /** A task: a function by its short name. */
  call: (name: string, input: unknown) => Promise<unknown>;
  log: (message: string) => void;
  /** Executions at once; the others wait, and count as running. Default 8. */
  maxRunning?: number;
  /** Executions that may wait. Default 2,000. */
  maxWaiting?: number;
  /** Ended executions whose names and results are kept. Default 5,000. */
  remembered?: number;
  /** The execution's own limit, where it is to be shorter than the file's. */
  timeoutSeconds?: number;
  /** Milliseconds before a retry of the state of this name, for tests; by default as the file says. */
  retryIntervals?: Record<string, number>;
}

export interface Execution {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  input: string;
  startDate: number;
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
}

const DEFINITION = new URL('../constructs/evaluation.asl.json', import.meta.url);
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

export class Executions {
  readonly #options: Required<Omit<ExecutionsOptions, 'timeoutSeconds'>>;
  readonly #machine: StateMachine;
  readonly #tasks: Record<string, (input: unknown) => Promise<unknown>>;
  readonly #known = new Map<string, Execution>();
  readonly #waiting: Execution[] = [];
  readonly #open = new Quiet('executions');
  readonly #aborts = new Set<() => void>();
  #running = 0;

  constructor(options: ExecutionsOptions) {
    this.#options = { maxRunning: 8, maxWaiting: 2_000, remembered: 5_000, retryIntervals: {}, ...options };
    const definition = loadDefinition();
    const limit = Math.min(definition.TimeoutSeconds, options.timeoutSeconds ?? Number.POSITIVE_INFINITY);
    this.#machine = new StateMachine({ ...definition, TimeoutSeconds: limit } as never);
    this.#tasks = Object.fromEntries(
      tasksOf(definition).map(([state, name]) => [state, (input: unknown) => options.call(name, input)]),
    );
  }

  /** @param input JSON text, as Step Functions takes it. */
  start(name: string, input: string): Execution {
    if (!NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name.slice(0, 100)}'`);
    const canonical = parseInput(input);
    const known = this.#known.get(name);
    if (known) {
      if (known.status === 'RUNNING' && known.input === canonical) return known;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${known.executionArn}'`);
    }
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new AwsError('ExecutionLimitExceeded', `${this.#waiting.length} executions are waiting already: try later`);
    }
    const execution: Execution = {
      executionArn: executionArn(name),
      stateMachineArn: STATE_MACHINE_ARN,
      name,
      status: 'RUNNING',
      input: canonical,
      startDate: Date.now() / 1_000,
    };
    this.#known.set(name, execution);
    this.#open.enter();
    this.#waiting.push(execution);
    this.#pump();
    return execution;
  }

  describe(arn: string): Execution {
    const execution = this.#known.get(arn.split(':').at(-1) ?? '');
    if (execution?.executionArn === arn) return execution;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  idle(timeoutMs: number): Promise<void> {
    return this.#open.wait(timeoutMs);
  }

  /** Ends what is running; what has not begun never does. */
  abort(): void {
    for (const execution of this.#waiting.splice(0)) this.#end(execution, { status: 'ABORTED' });
    for (const abort of this.#aborts) abort();
  }

  counts(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length };
  }

  #pump(): void {
    while (this.#running < this.#options.maxRunning) {
      const execution = this.#waiting.shift();
      if (!execution) return;
      this.#running += 1;
      void this.#run(execution).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #run(execution: Execution): Promise<void> {
    const { result, abort, eventLogs } = this.#machine.run(JSON.parse(execution.input), {
      overrides: {
        taskResourceLocalHandlers: this.#tasks as never,
        retryIntervalOverrides: this.#options.retryIntervals,
      },
      context: {
        Execution: { Id: execution.executionArn, Name: execution.name, Input: JSON.parse(execution.input) },
      } as never,
    });
    this.#aborts.add(abort);
    void this.#logFailures(execution.name, eventLogs as never);
    try {
      this.#end(execution, { status: 'SUCCEEDED', output: JSON.stringify(await result) });
    } catch (error) {
      const ended = endOf(error as Error);
      this.#options.log(
        `execution ${execution.name} ${ended.status}: ${ended.error ?? ''} ${ended.cause ?? ''}`.trimEnd(),
      );
      this.#end(execution, ended);
    } finally {
      this.#aborts.delete(abort);
    }
  }

  async #logFailures(
    name: string,
    events: AsyncGenerator<{ type: string; state?: { name: string }; Error?: string }>,
  ): Promise<void> {
    for await (const event of events) {
      if (event.type === 'StateFailed')
        this.#options.log(`execution ${name}: ${event.state?.name} failed: ${event.Error}`);
    }
  }

  #end(execution: Execution, end: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>): void {
    Object.assign(execution, end, { stopDate: Date.now() / 1_000 });
    // By the time of their ends; the map's order is that of starts.
    this.#known.delete(execution.name);
    this.#known.set(execution.name, execution);
    for (const [name, { status }] of this.#known) {
      if (this.#known.size <= this.#options.remembered) break;
      if (status !== 'RUNNING') this.#known.delete(name);
    }
    this.#open.leave();
  }
}

interface Definition {
  TimeoutSeconds: number;
  States: Record<string, { Type: string; Resource?: string; ItemProcessor?: Definition }>;
}

/** The ASL file with the ARNs of this machine's functions: `${EvaluateFunctionArn}` is `evaluate`. */
function loadDefinition(): Definition {
  const text = readFileSync(DEFINITION, 'utf8').replace(/\$\{(\w+)FunctionArn\}/g, (_, name: string) =>
    functionArn(name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase()),
  );
  return JSON.parse(text) as Definition;
}

/** Every task state with the function that it invokes, maps included. */
function tasksOf(definition: Definition): [state: string, name: string][] {
  return Object.entries(definition.States).flatMap(([state, { Type, Resource, ItemProcessor }]) => {
    if (ItemProcessor) return tasksOf(ItemProcessor);
    return Type === 'Task' && Resource ? [[state, shortFunctionName(Resource)] as [string, string]] : [];
  });
}

function parseInput(input: string): string {
  try {
    return JSON.stringify(JSON.parse(input));
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input: it is not JSON');
  }
}

function endOf(error: Error): Pick<Execution, 'status' | 'error' | 'cause'> {
  if (error.name === 'ExecutionAbortedError') return { status: 'ABORTED' };
  if (error.name === 'ExecutionTimeoutError') return { status: 'TIMED_OUT', error: 'States.Timeout' };
  const failed = error.cause instanceof Error ? error.cause : error;
  return { status: 'FAILED', error: failed.name, cause: failed.message };
}
