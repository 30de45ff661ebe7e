import type { Workload } from '../workload.js';
import { allocationWorkloads } from './allocation.js';
import { engineWorkload } from './engine.js';
import { expressWorkload } from './express.js';
import { postgresWorkloads } from './postgres.js';
import { storageWorkloads } from './storage.js';
import { watchingWorkloads } from './watching.js';

export const WORKLOADS: readonly Workload[] = [
  ...allocationWorkloads,
  expressWorkload,
  engineWorkload,
  ...watchingWorkloads,
  ...storageWorkloads,
  ...postgresWorkloads,
];
