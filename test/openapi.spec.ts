/** The API's description, as the built service gives it: a caller learns every field from it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe('the description of the API', () => {
  // The build writes what a field is into the compiled DTOs; a build without it would leave every schema empty.
  it.each([
    ['dist/transfers/dto/transfers.dto.js', 'NewEnrolmentDto', ['id', 'client', 'fund', 'anchorOn', 'rail']],
    ['dist/clients/dto/client.dto.js', 'NewClientDto', ['cohort', 'country', 'identity', 'consents']],
    [
      'dist/case-notes/dto/case-note.dto.js',
      'NewCaseNoteDto',
      ['id', 'kind', 'happenedOn', 'nextOn', 'words', 'corrects'],
    ],
    ['dist/needs/dto/needs.dto.js', 'NewAssessmentDto', ['id', 'assessedOn', 'ranks', 'interpretations']],
  ])('%s tells the fields of %s', (file, dto, fields) => {
    const compiled = readFileSync(file, 'utf8');
    const described =
      compiled.slice(compiled.indexOf(`class ${dto} `)).match(/_OPENAPI_METADATA_FACTORY\(\) \{\s*return (.*)/)?.[1] ??
      '';
    for (const field of fields) expect(described).toContain(`${field}: {`);
  });
});
