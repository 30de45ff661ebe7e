/** From the wire to the desk: what the lists of tokens and of changes are asked for. */
import type * as wire from '../../gen/opd/v1/opd_service.js';
import type { ListedDay, TokensAsked } from '../desk/lists.js';
import type { Answer } from '../domain/refusal.js';
import { FieldCheck } from './field-check.js';
import { pageStart, pageStartRevision } from './page-token.js';

export function listTokens(request: wire.ListTokensRequest): Answer<TokensAsked> {
  const check = new FieldCheck();
  const { doctorId, slotId, patientRef } = request;
  if (doctorId === '' && slotId === '') {
    if (patientRef === '') check.violation('doctor_id', 'must be set, or slot_id, or patient_ref');
    if (request.date !== '') check.violation('date', 'must stand beside doctor_id or slot_id');
  }
  return check.answer({
    filter: {
      doctorId: doctorId === '' ? undefined : check.doctorId('doctor_id', doctorId),
      date: check.date('date', request.date),
      slotId: slotId === '' ? undefined : check.slotId('slot_id', slotId),
      patientRef: patientRef === '' ? undefined : check.patientRef('patient_ref', patientRef),
      statuses: request.statuses.map((status, index) => check.tokenStatus(`statuses[${index}]`, status)),
    },
    patientRefSent: patientRef,
    limit: check.pageSize('page_size', request.pageSize),
    after: pageStart(check, request.pageToken, (itself, text) => itself.tokenId('', text)),
  });
}

export function listChanges(request: wire.ListChangesRequest): Answer<ListedDay> {
  const check = new FieldCheck();
  return check.answer({
    doctorId: check.doctorId('doctor_id', request.doctorId),
    date: check.date('date', request.date),
    limit: check.pageSize('page_size', request.pageSize),
    afterRevision: pageStartRevision(check, request.pageToken) ?? request.afterRevision,
  });
}
