/** What may befall servers over one database, and the database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresPair } from '../support/postgres-pair.js';
import type { Places } from './places.js';

/**
 * To one server: killed; stopped and let go on; its connections to the database cut; silence on them; its cable unplugged. To the database:
 * crashed, and back; lost, so that its standby takes over; stranded, which is without its standby, then crashed and back, then lost.
 */
export const FAULTS = ['kill', 'stop', 'cut', 'hush', 'unplug', 'crash', 'promote', 'strand'] as const;
export type Fault = (typeof FAULTS)[number];

/** How long the database's address may lead to a standby before that is promoted, and how long it may then be without a standby itself. */
const CHANGE_MILLISECONDS_MAX = 500;

export interface Scene {
  readonly places: Places;
  readonly pair: PostgresPair;
  /** How long a server is stopped, or its line is of no use. */
  readonly troubleMilliseconds: number;
}

/** Resolves when it is over, and what can be mended is mended. */
export async function befall(fault: Fault, scene: Scene): Promise<void> {
  if (fault === 'crash') return crash(scene);
  if (fault === 'promote') return lose(scene, () => Promise.resolve());
  if (fault === 'strand') return strand(scene);
  return befallOne(fault, scene);
}

async function befallOne(
  fault: Exclude<Fault, 'crash' | 'promote' | 'strand'>,
  { places, troubleMilliseconds }: Scene,
): Promise<void> {
  const { server, wire, island } = fault === 'unplug' ? islander(places) : places.any;
  switch (fault) {
    case 'kill':
      await server.kill();
      return server.start();
    case 'stop':
      server.pause();
      await sleep(troubleMilliseconds);
      return server.goOn();
    case 'cut':
      wire.cut();
      await sleep(troubleMilliseconds);
      return wire.mend();
    case 'hush':
      wire.hush();
      await sleep(troubleMilliseconds);
      return wire.mend();
    case 'unplug':
      await island?.unplug();
      await sleep(troubleMilliseconds);
      return island?.plugIn();
  }
}

function islander(places: Places) {
  const found = places.all.find(({ island }) => island);
  if (!found) throw new Error('no server lives on an island');
  return found;
}

/** It is over when commits need no longer wait: a server that starts while they do is refused. */
async function crash({ pair }: Scene): Promise<void> {
  await pair.crash();
  await pair.untilFollowed();
}

/** The primary is lost, and its standby takes over; all reach that at the old address, a little before it has. */
async function lose({ pair, places }: Scene, bringStandby: () => Promise<void>): Promise<void> {
  await pair.endPrimary();
  await bringStandby();
  places.leadTo(pair.standbyPort);
  await sleep(Math.random() * CHANGE_MILLISECONDS_MAX);
  await pair.promote();
  await sleep(Math.random() * CHANGE_MILLISECONDS_MAX);
  await pair.takeStandby();
}

/** What the primary has and its standby has not, shows after the crash; and is gone after the loss. */
async function strand(scene: Scene): Promise<void> {
  const { pair, troubleMilliseconds } = scene;
  await pair.haltStandby();
  await sleep(troubleMilliseconds / 2);
  await pair.crash();
  await sleep(troubleMilliseconds / 2);
  await lose(scene, () => pair.resumeStandby());
}
