import { validate, version } from 'uuid';
import { newId } from '../../src/cli/new-id.js';

describe('new ids', () => {
  test('are UUIDs of version 7, all different, each greater than the one before', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect([...new Set(ids)].sort()).toEqual(ids);
  });
});
