/** Who comes: names, references, how reliable they are, and how long they take. */
import type { TokenSource } from '../domain/token.js';
import type { Random } from './random.js';

export interface Patient {
  /** As the board shows it. */
  readonly name: string;
  /** The hospital's own, unique within a doctor's day. */
  readonly ref: string;
  /** Will not come. */
  readonly staysAway: boolean;
  /** Comes this long after the start of the slot that was asked for; before it where negative. */
  readonly minutesLate: number;
  /** Is not at the door when called for the first time. */
  readonly missesFirstCall: boolean;
  /** How long the consultation takes, in what the doctor takes on average. */
  readonly consultations: number;
  /** Gives the token up this many minutes after it was issued, if it is still worth anything then. */
  readonly givesUpAfterMinutes: number | undefined;
}

interface Habits {
  readonly staysAway: number;
  readonly givesUp: number;
  readonly late: number;
  readonly consultations: number;
}

/**
 * Of those who came from a source, the shares that never come, that cancel, and that come late; and how long they take with the
 * doctor. Those who walk in are here when they ask.
 */
const HABITS: Readonly<Record<TokenSource, Habits>> = {
  ONLINE: { staysAway: 0.12, givesUp: 0.15, late: 0.3, consultations: 1 },
  FOLLOW_UP: { staysAway: 0.06, givesUp: 0.08, late: 0.2, consultations: 0.8 },
  PAID: { staysAway: 0.03, givesUp: 0.05, late: 0.2, consultations: 1.1 },
  WALK_IN: { staysAway: 0, givesUp: 0.15, late: 0, consultations: 1 },
  EMERGENCY: { staysAway: 0, givesUp: 0, late: 0, consultations: 1.4 },
};

/** Whoever is punctual comes up to so long before, whoever is late up to so long after the slot's start. */
const MINUTES_EARLY_MAX = 20;
const MINUTES_LATE_MAX = 25;
const MISSES_FIRST_CALL = 0.03;
/** Long ones happen: the deviation is 58 % of the mean. */
const CONSULTATION_STAGES = 3;

const FIRST_NAMES =
  'Aarav Aditi Ajay Akash Amina Amit Ananya Anil Anjali Arun Asha Bhavna Chetan Deepa Dinesh Divya Esha Farid Gauri ' +
  'Gopal Harini Hassan Indira Ishaan Jaya Jyoti Kamala Karan Kiran Kishore Lakshmi Latif Leena Madhav Maya Meena Mohan ' +
  'Mukesh Nadia Naveen Neha Nikhil Omar Pallavi Pooja Prakash Radha Rahul Ravi Rekha Rina Rohit Salma Sanjay Sara ' +
  'Shreya Sunil Tanvi Uma Usha Varun Veena Vijay Yusuf';
const GIVEN = FIRST_NAMES.split(' ');
const INITIALS = [...'ABCDGHJKMNPRSTV'];

export class Patients {
  readonly #byRef = new Map<string, Patient>();
  readonly #names = new Set<string>();

  /** @param ward begins every reference */
  constructor(
    private readonly ward: string,
    private readonly random: Random,
  ) {}

  /** Somebody who has not been here today. */
  welcome(source: TokenSource): Patient {
    const { random } = this;
    const { staysAway, givesUp, late, consultations } = HABITS[source];
    const patient: Patient = {
      name: this.#newName(),
      ref: `${this.ward}-${String(this.#byRef.size + 1).padStart(3, '0')}`,
      staysAway: random.chance(staysAway),
      givesUpAfterMinutes: random.chance(givesUp) ? random.between(10, 120) : undefined,
      minutesLate: random.chance(late) ? random.between(1, MINUTES_LATE_MAX) : -random.between(0, MINUTES_EARLY_MAX),
      missesFirstCall: random.chance(MISSES_FIRST_CALL),
      consultations: random.erlang(consultations, CONSULTATION_STAGES),
    };
    this.#byRef.set(patient.ref, patient);
    return patient;
  }

  /** Whoever a reference names. */
  of(ref: string): Patient {
    const patient = this.#byRef.get(ref);
    if (!patient) throw new Error(`nobody here has the reference ${ref}`);
    return patient;
  }

  /** Two patients of one doctor never share a name while there are names left, so that the story can be followed. */
  #newName(): string {
    let name: string;
    do {
      name = `${this.random.pick(GIVEN)} ${this.random.pick(INITIALS)}.`;
    } while (this.#names.has(name) && this.#names.size < (GIVEN.length * INITIALS.length) / 2);
    this.#names.add(name);
    return name;
  }
}
