/** What opening an emergency access takes. */
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsText } from '../../kernel/http/one-line.js';
import { emergencyReasons, type EmergencyReason } from '../domain/emergency.js';

export class EmergencyDto {
  @IsIn(emergencyReasons, { context: { code: 'unknown-reason' } })
  reason: EmergencyReason;

  /** What there is to say to it; sealed like identity. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @IsText()
  words?: string;
}
