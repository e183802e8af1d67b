/** The saved questions: they are about lines that are written, in logs of functions that write them. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { HANDLERS, type HandlerName, type HandlerShape } from '../../lib/constructs/handlers.ts';
import { namesOf, referredBy, resourcesOf, SYNTH_MS, thePlainStack } from './synth.ts';

interface QueryProperties {
  Name: string;
  QueryString: string;
  LogGroupNames: unknown[];
  Parameters?: { Name: string; Description: string }[];
}

const queries = () =>
  [...resourcesOf<QueryProperties>(thePlainStack(), 'AWS::Logs::QueryDefinition').values()].map(
    ({ Properties }) => Properties,
  );
const FUNCTIONS = new URL('../../functions/', import.meta.url);
const source = readdirSync(FUNCTIONS)
  .map((file) => readFileSync(new URL(file, FUNCTIONS), 'utf8'))
  .join('\n');

beforeAll(() => void thePlainStack(), SYNTH_MS);

describe('the saved queries', () => {
  it('are these, in a folder named after the deployment', () => {
    const { deployment } = thePlainStack().stack.crossfade;
    expect(queries().map(({ Name }) => Name)).toEqual(
      ["one job's story", "a sweep's decisions", 'refused landings', 'slowest evaluations', 'errors by function'].map(
        (name) => `${deployment}/${name}`,
      ),
    );
  });

  it('ask for what they leave open, and for nothing else', () => {
    for (const { Name, QueryString, Parameters = [] } of queries()) {
      const open = new Set([...QueryString.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
      expect(
        Parameters.map((parameter) => parameter.Name),
        Name,
      ).toEqual([...open]);
    }
  });

  it('are about messages that the functions write', () => {
    const messages = queries().flatMap(({ QueryString }) =>
      [...(/filter message (?:=|in) (.+)/.exec(QueryString)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, text]) => text),
    );
    expect(messages.length).toBeGreaterThanOrEqual(3);
    expect(messages.filter((message) => !source.includes(`'${message}'`))).toEqual([]);
  });

  it('are bounded, and read logs of functions that name the deployment in their lines', () => {
    const names = namesOf(thePlainStack().stack);
    for (const { Name, QueryString, LogGroupNames } of queries()) {
      expect(QueryString, Name).toMatch(/\| limit \d+$/);
      expect(LogGroupNames.length, Name).toBeGreaterThan(0);
      expect(LogGroupNames.length, 'of what Logs Insights reads at once').toBeLessThanOrEqual(50);
      if (Name.endsWith('errors by function')) continue;
      for (const group of LogGroupNames) {
        const handler = names.get(referredBy(group) ?? '')?.replace(/^Functions\/(.+)-logs$/, '$1') as HandlerName;
        expect((HANDLERS[handler] as HandlerShape).reports, handler).toBe(true);
      }
    }
  });
});
