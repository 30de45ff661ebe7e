/** The floors: a file imports from its own floor or a lower one, and no edge imports another. */
const FLOORS = [
  '^gen/|^src/domain/',
  '^src/(store|client)/',
  '^src/(desk|verification)/',
  '^src/(grpc|sim)/',
  '^src/cli/',
];

const above = (floor) => FLOORS.slice(floor + 1).join('|');

module.exports = {
  forbidden: [
    ...FLOORS.map((path, floor) => ({
      name: `floor-${floor}-imports-nothing-above`,
      severity: 'error',
      from: { path },
      to: { path: above(floor) || '^$' },
    })),
    {
      name: 'domain-knows-no-technology',
      comment: 'No Node API, no gRPC, no database, no wire types: only the calendar and an ordered set.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/|node_modules/(temporal-polyfill|sorted-btree)/' },
    },
    {
      name: 'nouns-know-no-rules',
      severity: 'error',
      from: {
        path: '^src/domain/(brand|ids|time|token|strength|ranking|slot|slot-times|zone-data|patient-ref|live-patients|doctor|doctor-day|command|event|refusal)\\.ts$',
      },
      to: {
        path: '^src/domain/',
        pathNot:
          '^src/domain/(brand|ids|time|token|strength|ranking|slot|slot-times|zone-data|patient-ref|live-patients|doctor|doctor-day|command|event|refusal)\\.ts$',
      },
    },
    {
      name: 'only-the-edge-speaks-grpc',
      severity: 'error',
      from: { path: '^src/(domain|store|desk|verification)/' },
      to: { path: '^gen/|node_modules/@grpc/' },
    },
    { name: 'grpc-imports-no-sim', severity: 'error', from: { path: '^src/grpc/' }, to: { path: '^src/sim/' } },
    { name: 'sim-imports-no-grpc', severity: 'error', from: { path: '^src/sim/' }, to: { path: '^src/grpc/' } },
    {
      name: 'only-the-wiring-knows-a-database',
      severity: 'error',
      from: { path: '^src/(desk|verification|grpc|sim)/' },
      to: { path: '^src/store/(sqlite|postgres)/' },
    },
    {
      name: 'clients-know-the-contract-only',
      comment: 'And the order among tokens (R23), in which a queue is shown.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: '^src/client/|^src/domain/strength\\.ts$|^gen/|node_modules/@grpc/grpc-js/|^timers/promises$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: 'src/domain/brand\\.ts$|\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no compiler API for it to call; swc reads the same sources.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
