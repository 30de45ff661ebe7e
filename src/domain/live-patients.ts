/**
 * R14: the live token of each patient of a day. References are compared in their one form
 * (patient-ref.ts). An older day may hold several live tokens of one patient: then the earliest
 * counts, and once that has ended, the next.
 */
import { oneForm } from './patient-ref.js';
import type { Token, TokenId } from './token.js';

export class LivePatients {
  readonly #tokens = new Map<string, TokenId>();
  /** Further live tokens of a patient, in the order of their issue. Almost always empty. */
  readonly #others = new Map<string, readonly TokenId[]>();

  /** An empty reference names nobody. */
  find(patientRef: string): TokenId | undefined {
    return patientRef === '' ? undefined : this.#tokens.get(oneForm(patientRef));
  }

  /** Takes in a token that is live. */
  enter({ id, patientRef }: Token): void {
    const patient = oneForm(patientRef);
    if (patient === '') return;
    if (this.#tokens.has(patient)) this.#others.set(patient, [...(this.#others.get(patient) ?? []), id]);
    else this.#tokens.set(patient, id);
  }

  /** Takes out a token that was live. */
  leave({ id, patientRef }: Token): void {
    const patient = oneForm(patientRef);
    const [next, ...rest] = (this.#others.get(patient) ?? []).filter((other) => other !== id);
    if (this.#tokens.get(patient) !== id) this.#keepOthers(patient, next ? [next, ...rest] : []);
    else if (next) {
      this.#tokens.set(patient, next);
      this.#keepOthers(patient, rest);
    } else this.#tokens.delete(patient);
  }

  copy(): LivePatients {
    const copy = new LivePatients();
    for (const [patient, id] of this.#tokens) copy.#tokens.set(patient, id);
    for (const [patient, ids] of this.#others) copy.#others.set(patient, ids);
    return copy;
  }

  #keepOthers(patient: string, ids: readonly TokenId[]): void {
    if (ids.length > 0) this.#others.set(patient, ids);
    else this.#others.delete(patient);
  }
}
