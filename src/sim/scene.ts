/** Where and when the simulated days are. */
import { type Instant, instantOf, type LocalDate, type TimeOfDay, type TimeZone } from '../domain/time.js';

export const DATE = '2026-02-02' as LocalDate;
export const ZONE = 'Asia/Kolkata' as TimeZone;

/** When the virtual clock is to start: early enough for all bookings. */
export const DAWN: Instant = instantOf(DATE, (5 * 60) as TimeOfDay, ZONE);
