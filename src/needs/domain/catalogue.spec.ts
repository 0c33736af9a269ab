import { describe, expect, it } from '@jest/globals';
import { readConfigJson } from '../../kernel/reference-data.js';
import { NeedsCatalogue, type CatalogueFile } from './catalogue.js';

const file = readConfigJson<CatalogueFile>('needs-catalogue.json');

describe('the catalogue of needs', () => {
  it('has 6 categories and 21 needs, numbered through in order', () => {
    const { categories, needs } = new NeedsCatalogue(file);
    expect(categories).toHaveLength(6);
    expect(needs.map(({ position }) => position)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    expect(needs[3]).toEqual({
      code: 'proceedings',
      label: 'Support in legal proceedings',
      category: 'legal',
      position: 4,
    });
  });

  it('knows its needs and nothing else', () => {
    const catalogue = new NeedsCatalogue(file);
    expect(catalogue.has('food')).toBe(true);
    expect(['basic', 'Food', '', 'constructor'].filter((code) => catalogue.has(code))).toEqual([]);
  });

  it('is refused with a need too few or one named twice', () => {
    const [first, ...others] = file.categories;
    const doubled = {
      ...file,
      categories: [{ ...first!, needs: [...first!.needs.slice(1), { code: 'food', label: 'Food' }] }, ...others],
    };
    expect(() => new NeedsCatalogue({ ...file, categories: others })).toThrow('21 needs');
    expect(() => new NeedsCatalogue(doubled)).toThrow('each once');
  });

  it('is refused on another scale than 1 to 4', () => {
    expect(() => new NeedsCatalogue({ ...file, scale: { min: 1, max: 5, highestPriority: 5 } })).toThrow('from 1 to 4');
  });
});
