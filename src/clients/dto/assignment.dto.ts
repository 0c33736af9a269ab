/** What assigning a client takes. */
import { IsId } from '../../kernel/http/id.js';

export class AssignmentDto {
  /** Id of the caseworker or supervisor. */
  @IsId()
  caseworker: string;
}
