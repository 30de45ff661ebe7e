/** How a day on the engine itself opens. */
import type { Command } from '../domain/command.js';
import { decide } from '../domain/decide.js';
import { type AllocationPolicy, DEFAULT_POLICY, type Doctor, type DoctorId } from '../domain/doctor.js';
import { DoctorDay } from '../domain/doctor-day.js';
import { formatTimeOfDay, type TimeOfDay } from '../domain/time.js';
import type { Recorded } from '../domain/turn.js';
import type { DoctorProfile } from './doctors.js';
import { DATE, DAWN, ZONE } from './scene.js';

export function doctorOf({ name, department }: DoctorProfile, policy: AllocationPolicy): Doctor {
  const id = 'doc_simulated' as DoctorId;
  return { id, name, department, timeZone: ZONE, policy, policySince: DAWN, createdAt: DAWN, isRetired: false };
}

/** How the day's slots come to be: to be replayed on each day, since it is the same on all. */
export function openingOf(profile: DoctorProfile): Recorded[] {
  const day = new DoctorDay(doctorOf(profile, DEFAULT_POLICY), DATE);
  return Array.from({ length: profile.slotCount }, (_, index) => {
    const start = (profile.opens + index * profile.slotMinutes) as TimeOfDay;
    const end = (start + profile.slotMinutes) as TimeOfDay;
    const command: Command = { kind: 'CreateSlot', start, end, capacity: profile.capacity };
    const answer = decide(day, command, { now: DAWN, newId: formatTimeOfDay(start) });
    if (!answer.ok) throw new Error(`${profile.name}'s slots cannot be: ${answer.refusal.reason}`);
    const { change, events } = answer.value;
    return { revision: change.revision, at: change.at, command, events };
  });
}
