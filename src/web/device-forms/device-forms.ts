/**
 * What a caseworker's device needs to keep forms until they could be sent: a key that it holds in memory only, and whose they are
 * (docs/decisions/0024-forms-on-devices.md).
 */
import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor, Permission } from '../../access/domain/actor.js';
import { masked } from '../../access/masked-token.js';
import { Clock } from '../../kernel/clock.js';
import { Secrets } from '../../kernel/secrets.js';
import { Settings } from '../../kernel/settings.js';
import { deviceWords, type DeviceWords } from './device-words.js';

/** Who fills in the forms that may wait on a device. */
const FILLING_IN: readonly Permission[] = ['needs:record', 'plans:record', 'notes:write'];

export interface OnDevice {
  isOn: true;
  /** 32 bytes in base64url, under a mask of its own in each page. */
  key: string;
  owner: string;
  /** Of the organisation: a device's own clock may be years behind. */
  today: string;
  words: DeviceWords;
}

@Injectable()
export class DeviceForms {
  private readonly key: Buffer;

  constructor(
    secrets: Secrets,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    this.key = secrets.keyFor('device-forms');
  }

  /** Undefined for whoever fills in none of these forms. Where they are switched off, the device is told to forget what it has. */
  forPageOf(actor: Actor | undefined): OnDevice | { isOn: false } | undefined {
    if (!actor || !FILLING_IN.some((permission) => actor.permissions.has(permission))) return undefined;
    if (!this.settings.formsOnDevices) return { isOn: false };
    const today = this.clock.today(this.settings.timeZone);
    const key = this.derived('key', actor).toString('base64url');
    return { isOn: true, key: masked(key), owner: this.ownerOf(actor), today, words: deviceWords() };
  }

  /** Tells forms of one person from those of another, and tells nobody who that is. */
  ownerOf(actor: Actor): string {
    return this.derived('owner', actor).subarray(0, 12).toString('base64url');
  }

  private derived(use: 'key' | 'owner', { userId }: Actor): Buffer {
    return createHmac('sha256', this.key).update(`${use}/${userId}`).digest();
  }
}
