/** How a call fails: one class of error, with all that the server said of it as typed values. */
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { refusalFrom } from './refusal.js';
import { REMEDIES, type Reason, type Remedy } from './remedies.js';

/** Those that no repetition mends: the call itself is at fault, or the caller. */
const FINAL: readonly Code[] = [
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.ALREADY_EXISTS,
  Code.PERMISSION_DENIED,
  Code.FAILED_PRECONDITION,
  Code.OUT_OF_RANGE,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
];

/**
 * A call that was refused, or that has failed on its way. After a failure without a `reason` it is not known whether the command was
 * carried out: sent again under its request_id, it is carried out once in all.
 */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly code: Code;
  /** The server's reason; undefined where it gave none, as when it could not be reached or the deadline passed. */
  readonly reason: Reason | undefined;
  /** What the refusal is about, such as `tokenId`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What is wrong with each wrong field, by its path in the proto's own names. */
  readonly violations: Readonly<Record<string, string>>;
  /** How long to wait before asking again; undefined where waiting does not help, or nobody knows. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(`${Code[code]}: ${message}`, options);
    const refusal = refusalFrom(options?.cause);
    this.code = code;
    this.reason = refusal?.reason;
    this.metadata = refusal?.metadata ?? {};
    this.violations = refusal?.violations ?? {};
    this.retryAfterMilliseconds = refusal?.retryDelay === undefined ? undefined : refusal.retryDelay * 1_000;
  }

  /** Of an error that grpc-js has thrown. */
  static from(error: unknown): CallFailed {
    if (error instanceof CallFailed) return error;
    const { code = Code.UNKNOWN, details } = error as Partial<ServiceError>;
    return new CallFailed(code, details ?? String(error), { cause: error });
  }

  /** What to do about it; by the code alone where the reason is not known. */
  get remedy(): Remedy {
    const remedy = (REMEDIES as Record<string, Remedy>)[this.reason ?? ''];
    return remedy ?? (this.isFinal ? 'give up' : 'wait');
  }

  /** Whether the same call would fail in the same way, however often it is sent. */
  get isFinal(): boolean {
    return FINAL.includes(this.code);
  }
}
