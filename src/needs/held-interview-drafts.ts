/** What interviews that are not finished hold of a client. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import type { SealedWords } from '../clients/identity-vault/identity-vault.js';
import { HeldData, type Holder } from '../clients/rights/held-data.js';
import { needsCatalogue } from './catalogue.js';
import { InterviewDraftsService } from './interview-drafts.service.js';

@Injectable()
export class HeldInterviewDrafts implements Holder, OnModuleInit {
  readonly name = 'unfinishedInterviews';
  readonly tables = ['casework.interview_draft'];

  constructor(
    private readonly heldData: HeldData,
    private readonly drafts: InterviewDraftsService,
  ) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown> {
    const drafts = await this.drafts.read(manager, client, words);
    return drafts.map((draft) => ({
      since: draft.startedAt,
      ranks: needsCatalogue.needs
        .filter(({ code }) => draft.ranks[code] !== undefined || draft.words[code] !== undefined)
        .map(({ code, label }) => ({
          need: label,
          rank: draft.ranks[code] ?? null,
          inYourWords: draft.words[code] ?? null,
        })),
    }));
  }

  async erase(manager: EntityManager, _actor: Actor, client: ClientEntity): Promise<Record<string, number>> {
    const [gone] = await manager.query<[object[], number]>(
      'delete from casework.interview_draft where client_id = $1 returning id',
      [client.id],
    );
    return { unfinishedInterviews: gone.length };
  }
}
