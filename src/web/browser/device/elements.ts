/** Makes elements of text: nothing that was typed is ever read as markup. */
type Child = Node | string;

export function element(name: string, className: string, ...children: Child[]): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

export function button(text: string, act: () => unknown, className = ''): HTMLButtonElement {
  const made = element('button', `govuk-button ${className}`.trim(), text) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', () => void act());
  return made;
}

export function link(text: string, href: string): HTMLElement {
  const made = element('a', 'govuk-link', text);
  made.setAttribute('href', href);
  return made;
}

export function filled(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
