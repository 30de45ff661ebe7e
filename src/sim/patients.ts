/** Who comes: names, references, and how reliable they are. */
import type { TokenSource } from '../domain/token.js';
import type { Random } from './random.js';

export interface Patient {
  /** As the board shows it. */
  readonly name: string;
  /** The hospital's own, unique within a doctor's day. */
  readonly ref: string;
  /** Will not be there when called. */
  readonly staysAway: boolean;
  /** Gives the token up this many minutes after it was issued, if it is still worth anything then. */
  readonly givesUpAfterMinutes: number | undefined;
}

interface Habits {
  readonly staysAway: number;
  readonly givesUp: number;
}

/** Of those who came from a source, the share that is not there when called, and the share that cancels. */
const HABITS: Readonly<Record<TokenSource, Habits>> = {
  ONLINE: { staysAway: 0.12, givesUp: 0.15 },
  FOLLOW_UP: { staysAway: 0.06, givesUp: 0.08 },
  PAID: { staysAway: 0.03, givesUp: 0.05 },
  WALK_IN: { staysAway: 0, givesUp: 0.15 },
  EMERGENCY: { staysAway: 0, givesUp: 0 },
};

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
    const { staysAway, givesUp } = HABITS[source];
    const patient: Patient = {
      name: this.#newName(),
      ref: `${this.ward}-${String(this.#byRef.size + 1).padStart(3, '0')}`,
      staysAway: this.random.chance(staysAway),
      givesUpAfterMinutes: this.random.chance(givesUp) ? this.random.between(10, 120) : undefined,
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
