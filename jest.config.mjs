/** How the tests run: beside the code without a database (unit), under test/ against a real one (e2e). `npm test` provides it. */
const shared = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  // The source says './x.js', which is what Node will find after compilation; before it there is './x.ts'.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: true }] },
  setupFiles: ['reflect-metadata'],
};

/** @type {import('jest').Config} */
export default {
  maxWorkers: 2,
  testSequencer: './test/slowest-first.mjs',
  testTimeout: 60_000, // Jest 30 heeds it here only, not in a project
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
};
