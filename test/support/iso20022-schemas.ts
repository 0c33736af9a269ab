/** The official schemas of ISO 20022, where they are: in ISO20022_XSD_DIR, which `npm test` also sets when it finds them next to the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.env.ISO20022_XSD_DIR ?? '';

/** Whether the schema is here, and what a suite that is skipped says. */
export function schemaOf(message: string): { path: string; isHere: boolean; note: string } {
  const path = join(directory, `${message}.xsd`);
  const isHere = directory !== '' && existsSync(path);
  return { path, isHere, note: isHere ? '' : ` (skipped: no schema of ${message} in ISO20022_XSD_DIR)` };
}

/** What the schema holds against each document given: the first fault, or null. */
export async function schemaValidator(message: string): Promise<(xml: Buffer | string) => string | null> {
  const { XmlDocument, XsdValidator } = await import('libxml2-wasm');
  const schema = XmlDocument.fromString(readFileSync(schemaOf(message).path, 'utf8'));
  const validator = XsdValidator.fromDoc(schema);
  return (xml) => {
    const text = xml.toString();
    try {
      const document = XmlDocument.fromString(text);
      try {
        validator.validate(document);
        return null;
      } finally {
        document.dispose();
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}
