/** What the linter holds against the code: the usual faults, and this project's rules on money and time. */
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** `toFixed` of a decimal.js value is exact and welcome; that of a number is a float dressed up as money. */
const noNumberToFixed = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { float: 'A number has no exact decimals: use Money or decimal.js.' },
  },
  create(context) {
    const { esTreeNodeToTSNodeMap, program } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    return {
      'CallExpression > MemberExpression.callee[property.name="toFixed"]'(node) {
        const type = checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node.object));
        const isNumber = checker.isTypeAssignableTo(
          checker.getBaseConstraintOfType(type) ?? type,
          checker.getNumberType(),
        );
        if (isNumber) context.report({ node, messageId: 'float' });
      },
    };
  },
};

const noFloatMoney = [
  {
    selector: 'CallExpression[callee.name="parseFloat"], CallExpression[callee.property.name="parseFloat"]',
    message: 'No float touches money: parse with CurrencyTable.parse, calculate with decimal.js.',
  },
  {
    // Not minorUnits and minorDigits: how many decimals a currency has is a small whole number.
    selector: 'CallExpression[callee.name="Number"] Identifier[name=/amount|minor(?!_?(units|digits))/i]',
    message: 'An amount is a bigint of minor units and does not fit a number.',
  },
  {
    selector: 'UnaryExpression[operator="+"] Identifier[name=/amount|minor(?!_?(units|digits))/i]',
    message: 'An amount is a bigint of minor units and does not fit a number.',
  },
];

const timeComesFromClock = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Time comes from Clock, so that a test can set it.',
  },
  {
    selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    message: 'Time comes from Clock, so that a test can set it.',
  },
];

const nodeGlobals = [
  'process',
  'console',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Buffer',
  'URL',
  'fetch',
];

export default tseslint.config(
  { ignores: ['dist/', 'dist-bench/', 'dist-chaos/', 'coverage/', '.data/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { money: { rules: { 'no-number-to-fixed': noNumberToFixed } } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'money/no-number-to-fixed': 'error',
      'no-restricted-syntax': ['error', ...noFloatMoney, ...timeComesFromClock],
    },
  },
  // The places that ask the machine: ours, and whatever browser a page is open in.
  {
    files: ['src/kernel/clock.ts', 'src/web/browser/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noFloatMoney] },
  },
  {
    // Answers of the API arrive in tests as `any`; what they hold is what the test looks at.
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    ignores: ['src/web/assets/**'],
    languageOptions: {
      globals: Object.fromEntries([...nodeGlobals, 'module', '__dirname'].map((name) => [name, 'readonly'])),
    },
  },
  // Runs in a browser, whose globals are many.
  { files: ['src/web/assets/**/*.js'], rules: { 'no-undef': 'off' } },
  prettier,
);
