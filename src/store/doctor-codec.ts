/** A doctor's changes as text, the same in every database: what was asked for, and the doctor before and after it. */
import { type AllocationPolicy, DEFAULT_POLICY, type Doctor } from '../domain/doctor.js';
import type { DoctorUpdate } from '../domain/doctor-update.js';

/** The format that is written now. It rises when a field's meaning changes, not when an optional one is added. */
export const DOCTOR_FORMAT = 1;

/**
 * Writes `isRetired` only if true, so that a copy of a change from before retirement has the same
 * text.
 */
export function encodeDoctor({ isRetired, ...doctor }: Doctor): string {
  return JSON.stringify(isRetired ? { ...doctor, isRetired } : doctor);
}

/** A grace that is to be none is told from one that is to stay: it is there, and null. */
export function encodeUpdate(update: DoctorUpdate): string {
  return JSON.stringify(update, (_, value) => (value === undefined ? null : value));
}

/** @throws Error where the format is unknown or the text is not what this program writes */
export function decodeDoctor(format: number, text: string): Doctor {
  if (format !== DOCTOR_FORMAT) throw new Error(`the format ${format} of a doctor's change is unknown to this program`);
  const told = JSON.parse(text) as Doctor;
  for (const [field, type] of Object.entries(FIELDS)) {
    if (typeof told?.[field as keyof Doctor] !== type) throw new Error(`a doctor's change tells no ${type} ${field}`);
  }
  // JSON leaves out what is undefined.
  const policy: AllocationPolicy = { ...DEFAULT_POLICY, ...told.policy };
  // Changes from before retirement do not have it.
  return { ...told, policy, isRetired: told.isRetired ?? false };
}

const FIELDS = {
  id: 'string',
  name: 'string',
  department: 'string',
  timeZone: 'string',
  policy: 'object',
  policySince: 'number',
  createdAt: 'number',
} satisfies Record<Exclude<keyof Doctor, 'isRetired'>, string>;
