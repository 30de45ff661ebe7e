/** A doctor's row and its changes: whether each is sound, and each goes on from the one before. */
import type { Doctor } from '../domain/doctor.js';
import { isSamePolicy } from '../domain/doctor-update.js';
import { decodeDoctor } from '../store/doctor-codec.js';
import type { DoctorChangeRecord, DoctorRecord } from '../store/store-reader.js';
import { brokenDoctor, brokenMark } from './marks.js';

/** What is wrong with a doctor; undefined where nothing is. */
export function verifyDoctor(record: DoctorRecord): string | undefined {
  return brokenDoctor(record.doctor) ?? brokenMark(record, 'CreateDoctor') ?? brokenChanges(record);
}

function brokenChanges({ doctor, changes }: DoctorRecord): string | undefined {
  let stands: Doctor | undefined;
  for (const [index, change] of changes.entries()) {
    if (change.revision !== index + 1) return `its changes go on with revision ${change.revision}`;
    const told = read(change);
    const broken = typeof told === 'string' ? told : brokenChange(change, told.before, stands);
    if (broken !== undefined || typeof told === 'string') return `change ${change.revision}: ${broken}`;
    stands = told.after;
  }
  return stands && !isSameDoctor(stands, doctor) ? 'it is not as its last change left it' : undefined;
}

function brokenChange(change: DoctorChangeRecord, before: Doctor, stands: Doctor | undefined): string | undefined {
  if (stands && !isSameDoctor(stands, before)) return 'it does not go on from what the one before left';
  if (change.isOnDay) return 'R18: its request id is in the journal of a day, too';
  return brokenMark(change, 'UpdateDoctor');
}

/** The doctor before and after, or why they cannot be read. */
function read({ format, before, after }: DoctorChangeRecord): { before: Doctor; after: Doctor } | string {
  try {
    return { before: decodeDoctor(format, before), after: decodeDoctor(format, after) };
  } catch (error) {
    return error instanceof SyntaxError ? 'its text is no JSON' : (error as Error).message;
  }
}

function isSameDoctor({ policy, ...fields }: Doctor, other: Doctor): boolean {
  const names = Object.keys(fields) as (keyof typeof fields)[];
  return isSamePolicy(policy, other.policy) && names.every((name) => fields[name] === other[name]);
}
