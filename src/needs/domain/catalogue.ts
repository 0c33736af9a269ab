/** The catalogue of needs: 6 categories and 21 needs in the order of the paper they come from (Table 1). */
export interface NeedCategory {
  code: string;
  label: string;
  needs: readonly { code: string; label: string }[];
}

export interface CatalogueFile {
  source: string;
  scale: { min: number; max: number; highestPriority: number };
  categories: readonly NeedCategory[];
}

export interface Need {
  code: string;
  label: string;
  category: string;
  /** From 1, through all categories. */
  position: number;
}

/** As many as the database demands of each assessment. */
export const NEEDS_COUNT = 21;
export const LOWEST_RANK = 1;
export const HIGHEST_PRIORITY = 4;

export class NeedsCatalogue {
  readonly source: string;
  readonly scale: CatalogueFile['scale'];
  readonly categories: readonly NeedCategory[];
  /** All needs, in the catalogue's order. */
  readonly needs: readonly Need[];
  private readonly codes: ReadonlySet<string>;

  /** Throws an Error for a file that assessments could not be ranked by. */
  constructor({ source, scale, categories }: CatalogueFile) {
    this.source = source;
    this.scale = scale;
    this.categories = categories;
    this.needs = categories
      .flatMap((category) => category.needs.map((need) => ({ ...need, category: category.code })))
      .map((need, index) => ({ ...need, position: index + 1 }));
    this.codes = new Set(this.needs.map((need) => need.code));
    if (this.needs.length !== NEEDS_COUNT || this.codes.size !== NEEDS_COUNT) {
      throw new Error(`The catalogue of needs must hold ${NEEDS_COUNT} needs, each once.`);
    }
    if (scale.min !== LOWEST_RANK || scale.max !== HIGHEST_PRIORITY || scale.highestPriority !== HIGHEST_PRIORITY) {
      throw new Error(
        `Needs are ranked from ${LOWEST_RANK} to ${HIGHEST_PRIORITY}, where ${HIGHEST_PRIORITY} is highest.`,
      );
    }
  }

  has(code: string): boolean {
    return this.codes.has(code);
  }
}
