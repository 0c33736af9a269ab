/** What case notes hold of a client. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import type { SealedWords } from '../clients/identity-vault/identity-vault.js';
import { HeldData, type Holder } from '../clients/rights/held-data.js';
import { CaseNotesService } from './case-notes.service.js';

@Injectable()
export class HeldCaseNotes implements Holder, OnModuleInit {
  readonly name = 'caseNotes';
  readonly tables = ['casework.case_note'];

  constructor(
    private readonly heldData: HeldData,
    private readonly notes: CaseNotesService,
  ) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  /** Those that were corrected too, because they are held; and not who wrote them. */
  async export(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown> {
    const notes = await this.notes.all(manager, client.id, words);
    return notes.map((note) => ({
      happenedOn: note.happenedOn,
      noteKind: note.kind,
      talkAgainOn: note.nextOn,
      writtenDown: note.words,
      asTyped: note.original,
      since: note.recordedAt,
      correctedSince: note.correctedBy !== null,
    }));
  }

  /** The database empties them, as it does with all words; here they are counted for the certificate. */
  async erase(manager: EntityManager, _actor: Actor, client: ClientEntity): Promise<Record<string, number>> {
    const [counted] = await manager.query<{ notes: number }[]>(
      'select count(*)::int notes from casework.case_note where client_id = $1',
      [client.id],
    );
    return { caseNotes: counted?.notes ?? 0 };
  }
}
