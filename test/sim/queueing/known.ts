/** The vectors on which formulas and room meet: five classes, most urgent first, a load of 0.8. */
import type { Rates } from './formulas.js';

export const DAY: Rates = [0.05, 0.1, 0.15, 0.2, 0.3];
/** As much for each of three servers. */
export const DAY_OF_THREE: Rates = DAY.map((rate) => 3 * rate);
/** Of the classes: the engine's priorities. */
export const POINTS = [100, 80, 60, 40, 20] as const;
