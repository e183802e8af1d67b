/**
 * The named clauses of `lib/controller/clauses.ts` in DynamoDB's language, one row each: the attribute that is looked at
 * and how. A store names the clauses of a write with what it expects; this joins their expressions, and tells from the
 * item as it is afterwards which of them did not hold. A new clause does not compile without its row here.
 */
import type { ClauseName } from '../controller/clauses.ts';
import type { Item } from './record-body.ts';

type Relation = 'absent' | 'unchanged' | 'unchanged-or-first' | 'newer';

const CONDITIONS: Record<ClauseName, { attribute: string; relation: Relation }> = {
  'job-is-absent': { attribute: 'jobId', relation: 'absent' },
  'job-version-unchanged': { attribute: 'version', relation: 'unchanged' },
  'job-phase-unchanged': { attribute: 'phase', relation: 'unchanged' },
  'claim-is-absent': { attribute: 'jobId', relation: 'absent' },
  'claim-revision-unchanged': { attribute: 'revision', relation: 'unchanged' },
  'history-is-absent': { attribute: 'jobId', relation: 'absent' },
  'evidence-version-unchanged': { attribute: 'version', relation: 'unchanged-or-first' },
  'controls-version-unchanged': { attribute: 'version', relation: 'unchanged-or-first' },
  'ledger-is-absent': { attribute: 'kind', relation: 'absent' },
  'sweep-is-unfinished': { attribute: 'kind', relation: 'absent' },
  'summary-is-newer': { attribute: 'readAt', relation: 'newer' },
};

type Expected = string | number | true;

/** The clauses of one write, each with the value it compares with; `true` where absence is all that is asked. */
export type Clauses = Partial<Record<ClauseName, Expected>>;

interface RelationForm {
  expression(name: string, value: string, expected: Expected): string;
  holds(seen: unknown, expected: Expected): boolean;
}

const RELATIONS: Record<Relation, RelationForm> = {
  absent: {
    expression: (name) => `attribute_not_exists(${name})`,
    holds: (seen) => seen === undefined,
  },
  unchanged: {
    expression: (name, value) => `${name} = ${value}`,
    holds: (seen, expected) => seen === expected,
  },
  /** Version 0 stands for a record that is not there yet. */
  'unchanged-or-first': {
    expression: (name, value, expected) => (expected === 0 ? `attribute_not_exists(${name})` : `${name} = ${value}`),
    holds: (seen, expected) => (expected === 0 ? seen === undefined : seen === expected),
  },
  newer: {
    expression: (name, value) => `(attribute_not_exists(${name}) OR ${name} < ${value})`,
    holds: (seen, expected) => seen === undefined || (seen as Expected) < expected,
  },
};

/** The parameters of a PutItem that make it conditional; none where no clause is left. */
export interface ConditionParameters {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Expected>;
}

export function joinClauses(clauses: Clauses): ConditionParameters {
  const expressions: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, Expected> = {};
  for (const { attribute, form, expected } of formsOf(clauses)) {
    const expression = form.expression(`#${attribute}`, `:${attribute}`, expected);
    expressions.push(expression);
    names[`#${attribute}`] = attribute;
    if (expression.includes(`:${attribute}`)) values[`:${attribute}`] = expected;
  }
  if (expressions.length === 0) return {};
  return {
    ConditionExpression: expressions.join(' AND '),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** The first clause that does not hold for the item; `undefined` when all do. */
export function findLost(clauses: Clauses, item: Item | undefined): ClauseName | undefined {
  return formsOf(clauses).find(({ attribute, form, expected }) => !form.holds(item?.[attribute], expected))?.clause;
}

function formsOf(clauses: Clauses) {
  return Object.entries(clauses).map(([name, expected]) => {
    const clause = name as ClauseName;
    const { attribute, relation } = CONDITIONS[clause];
    return { clause, attribute, expected, form: RELATIONS[relation] };
  });
}
