import type { Workload } from '../workload.js';
import { allocationWorkloads } from './allocation.js';
import { engineWorkload } from './engine.js';
import { expressWorkload } from './express.js';

export const WORKLOADS: readonly Workload[] = [...allocationWorkloads, expressWorkload, engineWorkload];
