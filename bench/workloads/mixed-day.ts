/** The calls of a mixed day, in their shares, in a sequence that is the same in each run. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { allocate, DATE, type Day } from '../days.js';
import { CallRefused, type LeanClient } from '../lean-client.js';
import type { Call } from '../load.js';

/** Of a hundred calls, up to where each kind goes; the rest are reads, a third each of GetToken, GetSlot and GetQueue. */
const UP_TO = { allocate: 60, cancel: 75, noShow: 80, emergency: 82 } as const;

/** Makes the calls of a mixed day on these days. A refusal for what has happened meanwhile is an answer like any other. */
export function mixedCall(days: readonly Day[]): Call {
  const random = xoroshiro128plus(1);
  const upTo = (count: number) => uniformInt(random, 0, count - 1);
  const tokenIds: string[] = [];
  let patient = 0;

  const seat = async (client: LeanClient, slotId: string) => {
    const { token } = await allocate(client, slotId, patient++);
    if (token) tokenIds.push(token.id);
  };
  const takeToken = () => {
    const index = upTo(tokenIds.length);
    const id = tokenIds[index] as string;
    tokenIds[index] = tokenIds.at(-1) as string;
    tokenIds.pop();
    return id;
  };

  return async (client) => {
    const day = days[upTo(days.length)] as Day;
    const slotId = day.slotIds[upTo(day.slotIds.length)] as string;
    const share = upTo(100);
    if (tokenIds.length === 0 || share < UP_TO.allocate) return seat(client, slotId);
    if (share < UP_TO.cancel) return tolerate(client.call('cancelToken', { tokenId: takeToken() }));
    if (share < UP_TO.noShow) return tolerate(client.call('markNoShow', { tokenId: takeToken() }));
    if (share < UP_TO.emergency) {
      return client.call('insertEmergency', { target: { $case: 'slotId', value: slotId } });
    }
    if (share % 3 === 0) return client.call('getToken', { tokenId: tokenIds[upTo(tokenIds.length)] as string });
    if (share % 3 === 1) return client.call('getSlot', { slotId });
    return client.call('getQueue', { doctorId: day.doctorId, date: DATE });
  };
}

async function tolerate(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error) => {
    if (!(error instanceof CallRefused)) throw error;
  });
}
