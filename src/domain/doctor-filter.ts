/** Which doctors a list shows. */
import type { Doctor } from './doctor.js';

/** What is undefined does not filter. */
export interface DoctorFilter {
  /** Compared without case. */
  readonly department?: string | undefined;
  /** The beginning of the name or of a word of it, compared without case. */
  readonly namePrefix?: string | undefined;
  readonly showsRetired: boolean;
}

export function isListed(doctor: Doctor, { department, namePrefix, showsRetired }: DoctorFilter): boolean {
  if (doctor.isRetired && !showsRetired) return false;
  if (department !== undefined && comparable(doctor.department) !== comparable(department)) return false;
  return namePrefix === undefined || startsAWord(comparable(doctor.name), comparable(namePrefix));
}

function startsAWord(name: string, prefix: string): boolean {
  return name.startsWith(prefix) || name.includes(` ${prefix}`);
}

function comparable(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}
