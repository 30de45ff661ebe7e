import config, { SLOW } from './jest.config.js';

/** `npm run test:slow`: what `npm test` leaves out, one after another. */
export default { ...config, roots: SLOW, testPathIgnorePatterns: [], testTimeout: 120_000 };
