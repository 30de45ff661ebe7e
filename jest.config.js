/** Those that take the whole machine, and their time. */
export const SLOW = [
  '<rootDir>/dist/test/overload/',
  '<rootDir>/dist/test/soak/',
  '<rootDir>/dist/test/sim/queueing/long-run/',
];

/** Tests run as they are compiled, by the code that ships: no transformer stands between, and worker threads start as they do in service. */
export default {
  roots: ['<rootDir>/dist/test'],
  testEnvironment: 'node',
  testTimeout: 30_000,
  testPathIgnorePatterns: SLOW,
  transform: {},
};
