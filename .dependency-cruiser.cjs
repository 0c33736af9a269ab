/** Which room of the house may import what. The order of the rooms is the order in which data flows. */
const ROOMS = [
  'kernel',
  'access',
  'wage-index',
  'ledger',
  'funds',
  'clients',
  'needs',
  'plans',
  'transfers',
  'case-notes',
  'outcomes',
  'referrals',
  'donor-reports',
  'web',
  'cli',
  'demo',
];
const anyOf = (names) => `(${names.join('|')})`;

/** A room imports rooms listed before it, never later ones. */
const upTheList = ROOMS.slice(0, -1).map((room, index) => ({
  name: `${room}-imports-earlier-rooms-only`,
  comment: `${room} may use ${ROOMS.slice(0, index).join(', ') || 'no other room'}.`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/${anyOf(ROOMS.slice(index + 1))}/` },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      comment: 'Rules, types and errors of a domain know no framework and nothing that does.',
      severity: 'error',
      from: { path: '^src/.*/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: [
          '(^|node_modules/)(@nestjs|typeorm|express|bullmq)(/|$)',
          '^src/.*\\.(controller|entity|service|module)\\.ts$',
        ],
      },
    },
    {
      name: 'transfers-are-unconditional',
      comment:
        'No path leads from an identification, a need, a plan, a note, an outcome or a referral to a payment, however many steps it takes.',
      severity: 'error',
      from: { path: '^src/transfers/' },
      to: { path: '^src/(clients/identification|needs|plans|case-notes|outcomes|referrals)/', reachable: true },
    },
    {
      name: 'nothing-imports-the-demonstration',
      severity: 'error',
      from: { pathNot: '^src/(demo/|main\\.ts$)' },
      to: { path: '^src/demo/' },
    },
    {
      name: 'rooms-do-not-import-entry-files',
      comment: 'src/*.ts may import every room; importing one of them would open a way around the order.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/demo/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'room-has-its-place-in-the-order',
      comment: 'A new room is entered in ROOMS, where its data flows.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/${anyOf(ROOMS)}/` },
      to: {},
    },
    ...upTheList,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true, // a type is knowledge too
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
