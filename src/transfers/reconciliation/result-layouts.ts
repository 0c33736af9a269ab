/** The layouts of banks' result files that `config/result-layouts.json` describes. */
import { Problem } from '../../kernel/domain/problem.js';
import { readConfigJson } from '../../kernel/reference-data.js';
import type { ResultLayout } from './reading/csv-results.js';

export const resultLayouts: readonly ResultLayout[] = readConfigJson<{ layouts: ResultLayout[] }>(
  'result-layouts.json',
).layouts;

/** Throws `unknown-layout` (422). */
export function resultLayout(code: string): ResultLayout {
  const found = resultLayouts.find((layout) => layout.code === code);
  if (!found) throw Problem.refused('unknown-layout', 'There is no layout of that name.', 'layout');
  return found;
}
