/** What identification holds of a client. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../access/domain/actor.js';
import type { ClientEntity } from '../client.entity.js';
import type { SealedWords } from '../identity-vault/identity-vault.js';
import { HeldData, type Holder } from '../rights/held-data.js';
import { IdentificationService } from './identification.service.js';

@Injectable()
export class HeldIdentification implements Holder, OnModuleInit {
  readonly name = 'identification';
  readonly tables = ['casework.identification'];

  constructor(
    private readonly heldData: HeldData,
    private readonly identification: IdentificationService,
  ) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown> {
    const versions = await this.identification.read(manager, client, words);
    const told = versions.map(({ recordedOn, elements, acts, means, purposes, ageThen, words: said, ...version }) => ({
      recordedOn,
      elementsTold: elements.outcome,
      acts,
      actsInYourWords: said.acts ?? null,
      means,
      meansInYourWords: said.means ?? null,
      purposes,
      purposesInYourWords: said.purposes ?? null,
      ageThen,
      formalStatus: version.formal.status,
      decidedOn: version.formal.decidedOn ?? null,
      authority: version.formal.authority ?? null,
      reflectionPeriod: version.reflection,
    }));
    const [now = null, ...earlier] = told;
    return { now, earlier };
  }

  /** The rows themselves go with the keys: not even that there was one is left. */
  async erase(manager: EntityManager, _actor: Actor, client: ClientEntity): Promise<Record<string, number>> {
    const [row] = await manager.query<{ count: number }[]>(
      'select count(*)::int count from casework.identification where client_id = $1',
      [client.id],
    );
    return { identifications: row?.count ?? 0 };
  }
}
