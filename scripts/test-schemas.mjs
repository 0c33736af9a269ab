/** Finds the schemas of ISO 20022 for the tests: in ISO20022_XSD_DIR, else in shared/iso20022 next to the project. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './child.mjs';

export function findTestSchemas() {
  const directory = process.env.ISO20022_XSD_DIR || join(projectRoot, '..', 'shared', 'iso20022');
  return existsSync(join(directory, 'pain.001.001.09.xsd')) ? directory : undefined;
}
