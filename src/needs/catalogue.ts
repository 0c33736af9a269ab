/** The catalogue of needs in `config/needs-catalogue.json`. */
import { readConfigJson } from '../kernel/reference-data.js';
import { NeedsCatalogue, type CatalogueFile } from './domain/catalogue.js';

export const needsCatalogue = new NeedsCatalogue(readConfigJson<CatalogueFile>('needs-catalogue.json'));
