/** The stores on this deployment's tables, each made where it is used, so that bundles hold only what they need. */
import { createClaimStore } from '../lib/aws/claim-store.ts';
import { createEvidenceStore } from '../lib/aws/evidence-store.ts';
import { createFleetStore } from '../lib/aws/fleet-store.ts';
import { createJobStore } from '../lib/aws/job-store.ts';
import { dynamo, tableNames } from './runtime.ts';

export const jobs = () => createJobStore(dynamo(), tableNames());
export const claims = () => createClaimStore(dynamo(), tableNames());
export const evidence = () => createEvidenceStore(dynamo(), tableNames());
export const fleet = () => createFleetStore(dynamo(), tableNames());
