/** Hands on a keyboard and nothing else: walks from one element to the next, and sees at each whether the focus can be seen. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Further than any page of ours is long. */
const MOST_STOPS = 150;

export class Keyboard {
  /** Elements at which the focus could not be seen or was behind something else. */
  readonly unseen: string[] = [];

  constructor(private readonly page: Page) {}

  /** Tab until the element is reached; every stop on the way is looked at. */
  async tabTo(selector: string): Promise<void> {
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      await this.page.keyboard.press('Tab');
      const { fault, reached } = await this.page.evaluate<{ fault: string; reached: boolean }>(
        `(${LOOK})(${JSON.stringify(selector)})`,
      );
      if (fault !== '') this.unseen.push(fault);
      if (reached) return;
    }
    throw new Error(`${MOST_STOPS} times Tab, and never at ${selector} on ${this.page.url()}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.insertText(text);
  }

  /** Enter on what has the focus, and the page that it leads to. */
  async enter(path: RegExp): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), this.page.keyboard.press('Enter')]);
    expect(new URL(this.page.url()).pathname).toMatch(path);
  }

  /** What has the focus: "#id" or its tag's name. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(
      'document.activeElement.id ? "#" + document.activeElement.id : document.activeElement.tagName',
    );
  }
}

/**
 * Whether an element looks otherwise while it has the focus than after (itself, or the mark that its label draws), stands on the screen, and is
 * behind nothing. A function of the page.
 */
const LOOK = `(selector) => {
  const element = document.activeElement;
  const label = element.labels?.[0];
  const drawn = () => [[element], [label], [label, '::before'], [label, '::after']]
    .filter(([one]) => one)
    .map(([one, part]) => { const { outline, boxShadow, backgroundColor, border } = getComputedStyle(one, part); return outline + boxShadow + backgroundColor + border; })
    .join();
  const reached = element.matches(selector);
  // A date has a stop for each of its parts; to take the focus away and give it back would begin with the first again.
  // Between the last of a page and its first stands the browser itself.
  if (window.lastLookedAt === element || element === document.body) return { fault: '', reached };
  window.lastLookedAt = element;
  const withFocus = drawn();
  element.blur();
  const without = drawn();
  element.focus({ preventScroll: true });
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const isOnScreen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const isCovered = !top || !(element.contains(top) || top.contains(element) || label?.contains(top));
  const name = element.id || element.className || element.tagName;
  const fault = withFocus === without ? name + ' does not show the focus' : !isOnScreen ? name + ' is not on the screen' : isCovered ? name + ' is behind ' + top?.className : '';
  return { fault, reached };
}`;
