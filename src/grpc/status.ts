/**
 * The one exit to gRPC: one table from refusal to status. Code, message and details travel
 * together. Clients accept 8 KiB of headers at the most, so a refusal takes at most
 * {@link REFUSAL_BYTES_MAX}, whatever the caller has sent.
 */
import { status as Code, Metadata } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/google/rpc/error_details.js';
import { Status } from '../../gen/google/rpc/status.js';
import type { FieldViolation, Reason, Refusal, RefusalOf } from '../domain/refusal.js';
import { formatInstant } from '../domain/time.js';

const ERROR_DOMAIN = 'opd.v1';
export const DETAILS_KEY = 'grpc-status-details-bin';

/**
 * What message, metadata and details of a refusal come to on the wire, at the most: half of what
 * clients accept.
 */
export const REFUSAL_BYTES_MAX = 4_096;
/**
 * Bound of a percent-encoded message. It is sent twice: in `grpc-message`, and in base64 in the
 * details.
 */
const MESSAGE_BYTES_MAX = 320;
/** Bound of all violations together, before base64. */
const VIOLATIONS_BYTES_MAX = 1_792;

type Any = Status['details'][number];

/** What a call ends with when it is refused. */
export interface RefusedStatus {
  readonly code: Code;
  readonly details: string;
  readonly metadata: Metadata;
}

interface Rendering<R extends Reason> {
  readonly code: Code;
  readonly message: (refusal: RefusalOf<R>) => string;
  readonly metadata?: (refusal: RefusalOf<R>) => Record<string, string>;
  /** Seconds after which it is worth asking again, where waiting helps. */
  readonly retryAfterSeconds?: number;
}

const TABLE: { readonly [R in Reason]: Rendering<R> } = {
  INVALID_FIELDS: {
    code: Code.INVALID_ARGUMENT,
    message: ({ violations: [first, ...others] }) =>
      `${first?.field}: ${first?.description}${others.length > 0 ? `; and ${others.length} more` : ''}`,
    metadata: ({ violations }) => {
      const omitted = violations.length - fitting(violations).length;
      return omitted > 0 ? { omittedViolations: String(omitted) } : {};
    },
  },
  REQUEST_ID_REUSED: {
    code: Code.INVALID_ARGUMENT,
    message: ({ requestId }) => `request_id ${requestId} came before with other contents`,
    metadata: ({ requestId }) => ({ requestId }),
  },
  DOCTOR_NOT_FOUND: {
    code: Code.NOT_FOUND,
    message: ({ doctorId }) => `there is no doctor ${doctorId}`,
    metadata: ({ doctorId }) => ({ doctorId }),
  },
  SLOT_NOT_FOUND: {
    code: Code.NOT_FOUND,
    message: ({ slotId }) => `there is no slot ${slotId}`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  TOKEN_NOT_FOUND: {
    code: Code.NOT_FOUND,
    message: ({ tokenId }) => `there is no token ${tokenId}`,
    metadata: ({ tokenId }) => ({ tokenId }),
  },
  DOCTOR_RETIRED: {
    code: Code.FAILED_PRECONDITION,
    message: ({ doctorId }) => `${doctorId} is retired and takes no new slots or tokens`,
    metadata: ({ doctorId }) => ({ doctorId }),
  },
  DOCTOR_HAS_SLOTS: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `the time zone stays while a slot is to come; the earliest is ${slotId}`,
    metadata: ({ doctorId, slotId }) => ({ doctorId, slotId }),
  },
  SLOT_OVERLAPS: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `the slot would overlap ${slotId}`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  SLOT_ENDED: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId, endedAt }) => `${slotId} ended at ${formatInstant(endedAt)}`,
    metadata: ({ slotId, endedAt }) => ({ slotId, endedAt: formatInstant(endedAt) }),
  },
  SLOT_STARTED: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId, startedAt }) => `${slotId} began at ${formatInstant(startedAt)} and keeps its times`,
    metadata: ({ slotId, startedAt }) => ({ slotId, startedAt: formatInstant(startedAt) }),
  },
  SLOT_CLOSED: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `${slotId} is closed`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  SLOT_NOT_CLOSED: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `${slotId} is open`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  SLOT_NOT_EMPTY: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `${slotId} has, or had, a token; close it instead`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  NO_OPEN_SLOT: {
    code: Code.FAILED_PRECONDITION,
    message: ({ doctorId }) => `${doctorId} has no open slot running or to come on the day or days that are meant`,
    metadata: ({ doctorId }) => ({ doctorId }),
  },
  PATIENT_HAS_TOKEN: {
    code: Code.ALREADY_EXISTS,
    message: ({ tokenId }) => `the patient has ${tokenId} on that day`,
    metadata: ({ tokenId }) => ({ tokenId }),
  },
  DAY_FULL: {
    code: Code.FAILED_PRECONDITION,
    message: ({ doctorId, date }) => `${doctorId} has issued all tokens of ${date}`,
    metadata: ({ doctorId, date }) => ({ doctorId, date }),
  },
  TOKEN_NOT_LIVE: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId, status }) => `${tokenId} is ${status}, which is final`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  TOKEN_SERVING: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId }) => `${tokenId} is with the doctor`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  TOKEN_WITHOUT_SEAT: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId, status }) => `${tokenId} is ${status} and holds no seat`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  TOKEN_IS_EMERGENCY: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId }) => `${tokenId} is an emergency: it is not put off, and stays one`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  NO_FREE_SEAT: {
    code: Code.FAILED_PRECONDITION,
    message: ({ slotId }) => `${slotId} has no seat for the token: it would have to wait`,
    metadata: ({ slotId }) => ({ slotId }),
  },
  TOKEN_CHECKED_IN: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId }) => `${tokenId} has checked in already`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  TOKEN_NOT_SERVING: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId, status }) => `${tokenId} is ${status}, and not with the doctor`,
    metadata: ({ tokenId, status }) => ({ tokenId, status }),
  },
  NOBODY_TO_CALL: {
    code: Code.FAILED_PRECONDITION,
    message: () => 'nobody who holds a seat there has checked in',
    metadata: (refusal) => ('slotId' in refusal ? { slotId: refusal.slotId } : { doctorId: refusal.doctorId }),
  },
  DOCTOR_BUSY: {
    code: Code.FAILED_PRECONDITION,
    message: ({ tokenId }) => `${tokenId} is with the doctor; say complete_current if the doctor is done`,
    metadata: ({ tokenId }) => ({ tokenId }),
  },
  CONFLICT: {
    code: Code.ABORTED,
    message: () => 'the doctor-day kept changing under the command; ask again',
  },
  SLOW_WATCHER: {
    code: Code.RESOURCE_EXHAUSTED,
    message: () => 'the watch was not read for too long; watch again, after the last revision seen',
  },
  TOO_MANY_WATCHERS: {
    code: Code.RESOURCE_EXHAUSTED,
    message: () => 'the server has as many watchers as it bears',
    retryAfterSeconds: 30,
  },
  TOO_MANY_REQUESTS: {
    code: Code.RESOURCE_EXHAUSTED,
    message: () => 'the server has as many calls under way as it bears',
    retryAfterSeconds: 1,
  },
  DRAINING: {
    code: Code.UNAVAILABLE,
    message: () => 'the server is going away, or the watch has lasted as long as it may; come back',
    retryAfterSeconds: 1,
  },
  STORE_UNAVAILABLE: {
    code: Code.UNAVAILABLE,
    message: () => 'the store cannot be reached or written; ask again, under the same request_id',
    retryAfterSeconds: 1,
  },
  INTERNAL: {
    code: Code.INTERNAL,
    message: () => 'a bug in the server; its log says more under the requestId of this error',
    metadata: ({ requestId }) => ({ requestId }),
  },
};

/** Those that say nothing of their own, rendered once: when there are most of them, there is the least time. */
const rendered = new Map<Reason, RefusedStatus>();

/** Renders a refusal: the status for the call, with google.rpc.Status of the same code and message in its trailers. */
export function toStatus(refusal: Refusal): RefusedStatus {
  if (Object.keys(refusal).length > 1) return render(refusal);
  const status = rendered.get(refusal.reason) ?? render(refusal);
  rendered.set(refusal.reason, status);
  return status;
}

function render(refusal: Refusal): RefusedStatus {
  // The table is keyed by reason, which TypeScript cannot tie to the refusal's own.
  const rendering = TABLE[refusal.reason] as Rendering<Reason>;
  return statusOf(rendering.code, rendering.message(refusal), detailsOf(refusal, rendering));
}

/** A status that no refusal stands behind, with the details that all have. */
export function plainStatus(code: Code, message: string, reason: string): RefusedStatus {
  return statusOf(code, message, [errorInfo(reason, {})]);
}

function statusOf(code: Code, text: string, details: Any[]): RefusedStatus {
  const message = boundedMessage(text);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode({ code, message, details }).finish()));
  return { code, details: message, metadata };
}

function detailsOf(refusal: Refusal, rendering: Rendering<Reason>): Any[] {
  const details = [errorInfo(refusal.reason, rendering.metadata?.(refusal) ?? {})];
  if (refusal.reason === 'INVALID_FIELDS') {
    const fieldViolations = fitting(refusal.violations).map(wireViolation);
    details.push(any('BadRequest', BadRequest.encode({ fieldViolations }).finish()));
  }
  if (rendering.retryAfterSeconds !== undefined) {
    const retryDelay = { seconds: rendering.retryAfterSeconds, nanos: 0 };
    details.push(any('RetryInfo', RetryInfo.encode({ retryDelay }).finish()));
  }
  return details;
}

/** The first violations, as many as there is room for. */
function fitting(violations: readonly FieldViolation[]): readonly FieldViolation[] {
  let bytes = 0;
  const end = violations.findIndex((violation) => {
    bytes += BadRequest.encode({ fieldViolations: [wireViolation(violation)] }).finish().length;
    return bytes > VIOLATIONS_BYTES_MAX;
  });
  return end < 0 ? violations : violations.slice(0, end);
}

function wireViolation(violation: FieldViolation) {
  return { ...violation, reason: '', localizedMessage: undefined };
}

/** A message cut at {@link MESSAGE_BYTES_MAX}, because it may hold what the caller has sent. */
export function boundedMessage(text: string): string {
  if (text.length <= MESSAGE_BYTES_MAX && encodeURI(text).length <= MESSAGE_BYTES_MAX) return text;
  let bytes = encodeURI(CUT).length;
  let kept = '';
  for (const character of text) {
    bytes += encodeURI(character).length;
    if (bytes > MESSAGE_BYTES_MAX) break;
    kept += character;
  }
  return kept + CUT;
}

const CUT = '…';

function errorInfo(reason: string, metadata: Record<string, string>): Any {
  return any('ErrorInfo', ErrorInfo.encode({ reason, domain: ERROR_DOMAIN, metadata }).finish());
}

function any(type: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${type}`, value: Buffer.from(value) };
}
