/** From the desk to the wire: a token's life. */
import type * as wire from '../../gen/opd/v1/opd_service.js';
import type { TokenLife } from '../desk/token-life.js';
import { token, tokenChange } from './responses.js';

export function tokenLife({ doctorId, token: itself, steps }: TokenLife): wire.ExplainTokenResponse {
  return {
    token: token(doctorId, itself),
    steps: steps.map(({ change, effect, rule, sentence }) => ({
      revision: change.revision,
      at: new Date(change.at),
      cause: change.cause,
      change: effect && tokenChange(doctorId, effect),
      rule,
      sentence,
    })),
  };
}
