/** What a page says of the forms on this device: one line that is always there while something waits, and what has just happened above it. */
import type { DeviceWords } from '../../device-forms/device-words.js';
import { button, element, filled, link } from './elements.js';
import type { KeptForm } from './sealed-forms.js';

export class Notices {
  /** Read out as it changes. */
  private readonly said = element('div', 'app-device__said');
  private readonly standing = element('div', 'app-device__standing');

  constructor(
    place: HTMLElement,
    private readonly words: DeviceWords,
    private readonly act: { sendNow: () => unknown; throwAway: (form: KeptForm) => unknown },
  ) {
    this.said.setAttribute('role', 'status');
    place.append(this.said, this.standing);
  }

  say(...lines: (string | HTMLElement)[]): void {
    this.said.replaceChildren(
      ...lines.map((line) => (typeof line === 'string' ? element('p', 'app-device__line', line) : line)),
    );
  }

  show(waiting: readonly KeptForm[], notTaken: readonly KeptForm[]): void {
    const { words } = this;
    this.standing.replaceChildren();
    if (waiting.length > 0) {
      const count = element('strong', '', filled(words.waiting, { n: waiting.length }));
      this.standing.append(
        element('p', 'app-device__line', count, ' ', button(words.sendNow, this.act.sendNow, 'app-device__button')),
      );
    }
    if (notTaken.length === 0) return;
    const list = element('ul', 'govuk-list');
    for (const form of notTaken) {
      const away = button(
        words.throwAway,
        () => confirm(words.sureToThrowAway) && this.act.throwAway(form),
        'app-device__button',
      );
      list.append(element('li', '', link(words.openIt, form.page), ' ', away));
    }
    this.standing.append(element('p', 'app-device__line', filled(words.notTaken, { n: notTaken.length })), list);
  }
}
