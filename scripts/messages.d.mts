export interface Catalogue {
  reviewedBy: string | null;
  messages: Record<string, string>;
}
/** Every sentence that pages ask for, with the files that say it. */
export function messages(): Map<string, string[]>;
export function catalogueOf(language: string): Catalogue;
export function filesOf(ending: string): string[];
export function untranslated(template: string): string[];
export function unworded(): string[];
export function glued(code: string): string[];
