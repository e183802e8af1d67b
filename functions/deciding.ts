/** Everything a decision needs: all stores, and the policies that were shipped with the function. */

import type { Policies, Ports } from '../lib/controller/ports.ts';
import { loadPolicies } from '../lib/policies/load.ts';
import { required } from './runtime.ts';
import { claims, evidence, fleet, jobs } from './stores.ts';

let loaded: { from: string; policies: Policies } | undefined;

export function policies(): Policies {
  const from = required('CROSSFADE_POLICIES');
  if (loaded?.from !== from) loaded = { from, policies: loadPolicies(from) };
  return loaded.policies;
}

export function allPorts(): Ports {
  return { jobs: jobs(), claims: claims(), evidence: evidence(), fleet: fleet(), policies: policies() };
}
