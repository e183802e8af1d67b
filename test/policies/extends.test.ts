import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policySchema } from '../../lib/domain/policy.ts';
import { CHAIN_LIMIT, findChain, mergeSettings } from '../../lib/domain/policy-chain.ts';
import { effective, problemsOf } from './policy-folder.ts';

const DAY = 86_400;

describe('a policy that extends another', () => {
  const base =
    'soak: { shadowSeconds: 5d, reverseShadowSeconds: 9d }\napprovals: { cleanup: { from: [ann, bob], quorum: 2 } }\n';

  it('says what its parent says, but for what it says itself, field by field', () => {
    const { policy } = effective(
      { 'base.yaml': base, 'own.yaml': 'extends: base\nsoak: { shadowSeconds: 6d }\n' },
      'own',
    );
    expect(policy).toMatchObject({
      name: 'own',
      soak: { shadowSeconds: 6 * DAY, reverseShadowSeconds: 9 * DAY },
      approvals: { cleanup: { from: ['ann', 'bob'], quorum: 2 } },
    });
    expect(policy).not.toHaveProperty('extends');
  });

  it('replaces a list as a whole, for nobody could take an entry out of it otherwise', () => {
    const own = 'extends: base\napprovals: { cleanup: { from: [cid], quorum: 1 } }\n';
    const { policy } = effective({ 'base.yaml': base, 'own.yaml': own }, 'own');
    expect(policy.approvals.cleanup?.from).toEqual(['cid']);
  });

  it('may switch a criterion off that its parent has, and on again', () => {
    const files = {
      'a.yaml': 'criteria: { landingLatency: { of: 10 } }\n',
      'b.yaml': 'extends: a\ncriteria: { landingLatency: false }\n',
      'c.yaml': 'extends: b\ncriteria: { landingLatency: { of: 8 } }\n',
    };
    expect(effective(files, 'b').policy.criteria.landingLatency).toBe(false);
    expect(effective(files, 'c').policy.criteria.landingLatency).toMatchObject({ of: 8, breaches: 3 });
  });

  it('has the hash of what it says in the end: however that is written, and of whatever it inherits', () => {
    const hashOf = (files: Record<string, string>) => effective(files, 'own').policy.hash;
    const inherited = hashOf({ 'base.yaml': 'minPairs: 8\n', 'own.yaml': 'extends: base\nautomation: enforce\n' });
    const inFull = hashOf({ 'own.yaml': '# as before\nautomation: enforce\nminPairs: 8\nsettleSeconds: 900\n' });
    expect(inFull).toBe(inherited);
    const parentChanged = hashOf({ 'base.yaml': 'minPairs: 9\n', 'own.yaml': 'extends: base\nautomation: enforce\n' });
    expect(parentChanged).not.toBe(inherited);
  });

  it('is not blamed for what is wrong in its parent, which is told once', () => {
    expect(
      problemsOf({ 'base.yaml': 'flapping: { demotions: 1 }\n', 'own.yaml': 'extends: base\nsoak: 3d\n' }),
    ).toEqual([
      'base.yaml:1:24: flapping.demotions: 1 is refused; allowed is a whole number from 2 to 10',
      'own.yaml:2:7: soak: "3d" is refused; allowed is a map with the fields shadowSeconds, reverseShadowSeconds',
    ]);
  });

  it('is blamed, at its own line, for what is wrong only together with its parent', () => {
    const base = 'criteria: { landingLatency: { breaches: 5 } }\n';
    const own = 'extends: base\ncriteria:\n  landingLatency:\n    of: 4\n';
    expect(problemsOf({ 'base.yaml': base, 'own.yaml': own })).toEqual([
      'own.yaml:3:3: criteria.landingLatency.breaches: 5 is refused: more breaches than the newest pairs that are looked at (`of`) can never happen',
    ]);
  });

  it('is judged by what it says itself while its parent cannot be read', () => {
    const own = 'extends: base\nminPairs: 1\ncriteria: { landingLatency: { of: 2 } }\n';
    expect(problemsOf({ 'base.yaml': 'soak: {\n', 'own.yaml': own }).map((line) => line.split(' ')[0])).toEqual([
      'base.yaml:2:1:',
      'own.yaml:2:11:',
    ]);
  });
});

describe('a chain of policies', () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, n) => [`p${n}.yaml`, n === 0 ? 'minPairs: 7\n' : `extends: p${n - 1}\n`]),
    );

  it(`has at most ${CHAIN_LIMIT} policies`, () => {
    expect(effective(chain(CHAIN_LIMIT), `p${CHAIN_LIMIT - 1}`).policy.minPairs).toBe(7);
    expect(problemsOf(chain(CHAIN_LIMIT + 1))).toEqual([
      'p5.yaml:1:10: extends: p5 -> p4 -> p3 -> p2 -> p1 -> p0 is a chain of more than 5 policies; extend one nearer to its end',
    ]);
  });

  it('is refused as a cycle at every member, each named from there, and nowhere else', () => {
    const files = {
      'a.yaml': 'extends: b\n',
      'b.yaml': 'extends: c\n',
      'c.yaml': 'extends: a\n',
      'd.yaml': 'extends: a\n',
    };
    expect(problemsOf(files).map((line) => line.split(' is ')[0])).toEqual([
      'a.yaml:1:10: extends: a -> b -> c -> a',
      'b.yaml:1:10: extends: b -> c -> a -> b',
      'c.yaml:1:10: extends: c -> a -> b -> c',
    ]);
  });

  it('whose end is missing is told where that is said', () => {
    expect(problemsOf({ 'a.yaml': 'extends: b\n', 'b.yaml': 'extends: zzzz\n' })).toEqual([
      'b.yaml:1:10: extends: no policy "zzzz" in this folder; there are a, default',
    ]);
  });

  it('ends, whatever extends what', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
    fc.assert(
      fc.property(fc.dictionary(name, fc.option(name, { nil: undefined })), name, (parents, start) => {
        const found = findChain(start, new Map(Object.entries({ [start]: undefined, ...parents })));
        expect(found.kind === 'unknown-parent' ? found.through.length : found.names.length).toBeLessThanOrEqual(
          CHAIN_LIMIT + 1,
        );
      }),
    );
  });
});

describe('laying settings over each other', () => {
  const settings = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(1, 'x', false, null, [1], [2, 3]),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('tree'), { noNullPrototype: true }),
    ),
  })).tree;
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), settings, { noNullPrototype: true });

  it('is associative along a chain of maps, so that it does not matter from which end it is read', () => {
    fc.assert(
      fc.property(map, map, map, (a, b, c) => {
        const fromRoot = mergeSettings(mergeSettings(a, b), c);
        const fromHeir = mergeSettings(a, mergeSettings(b, c));
        // Where the middle one replaces a map by a plain value, the order decides, and a chain is read from its root.
        fc.pre(!replacesMap(a, b, c));
        expect(fromHeir).toEqual(fromRoot);
      }),
    );
  });

  it('once more changes nothing', () => {
    fc.assert(
      fc.property(map, map, (a, b) => {
        const once = mergeSettings(a, b);
        expect(mergeSettings(once, b)).toEqual(once);
        expect(mergeSettings(a, once)).toEqual(once);
      }),
    );
  });

  it('leaves both as they were', () => {
    fc.assert(
      fc.property(map, map, (a, b) => {
        const before = JSON.stringify([a, b]);
        mergeSettings(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });
});

it('an effective policy, read as a file again, is the same policy', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 24 }), fc.boolean(), fc.boolean(), (minPairs, judge, gate) => {
      const once = policySchema.parse({ name: 'p', minPairs, criteria: { landingLatency: { judge, gate } } });
      expect(policySchema.parse(once)).toEqual(once);
    }),
  );
});

function replacesMap(a: unknown, b: unknown, c: unknown): boolean {
  if (isMap(a) && isMap(c) && b !== undefined && !isMap(b)) return true;
  if (!isMap(a) || !isMap(b) || !isMap(c)) return false;
  return Object.keys(a).some(
    (key) => Object.hasOwn(b, key) && Object.hasOwn(c, key) && replacesMap(a[key], b[key], c[key]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
