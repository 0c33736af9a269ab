/** The operator that mobile money is sent through, if there is one. */
import { Injectable } from '@nestjs/common';
import { Settings, type MobileMoneySettings } from '../../../kernel/settings.js';
import type { RailPort } from '../rail-port.js';
import { GsmaClient } from './gsma-client.js';

@Injectable()
export class Operator {
  readonly connected: { rail: RailPort; settings: MobileMoneySettings } | undefined;

  constructor({ mobileMoney }: Settings) {
    this.connected = mobileMoney && { rail: new GsmaClient(mobileMoney), settings: mobileMoney };
  }
}
