/** Two needs assessments of one client side by side, need by need: what rose, what fell, and what was said. */
import type { NeedsCatalogue } from '../needs/domain/catalogue.js';
import type { Rank } from '../needs/domain/ranks.js';

export interface Ranked {
  ranks: Readonly<Record<string, Rank>>;
  interpretations: Readonly<Record<string, string>>;
}

export interface ComparedNeed {
  code: string;
  label: string;
  rank: Rank | null;
  words: string | null;
  before: { rank: Rank | null; words: string | null } | null;
  change: 'rose' | 'fell' | 'same' | null;
}

export function comparison(catalogue: NeedsCatalogue, before: Ranked | null, now: Ranked) {
  return catalogue.categories.map(({ code, label, needs }) => ({
    code,
    label,
    needs: needs.map((need): ComparedNeed => {
      const rank = now.ranks[need.code] ?? null;
      const earlier = before && {
        rank: before.ranks[need.code] ?? null,
        words: before.interpretations[need.code] ?? null,
      };
      return {
        ...need,
        rank,
        words: now.interpretations[need.code] ?? null,
        before: earlier,
        change: changeOf(earlier?.rank ?? null, rank),
      };
    }),
  }));
}

function changeOf(before: Rank | null, now: Rank | null): ComparedNeed['change'] {
  if (before === null || now === null) return null;
  if (now === before) return 'same';
  return now > before ? 'rose' : 'fell';
}
