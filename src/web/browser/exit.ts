/**
 * "Exit this page": empties the screen before anything is asked of the network, and leaves no page of ours to go back to. Three times Shift
 * does the same for hands that are on a keyboard.
 */
const PRESSES = 3;
const WITHIN_MS = 2_000;

export function exitAtOnce(): void {
  const link = document.querySelector<HTMLAnchorElement>('a[data-exit]');
  if (!link) return;
  const leave = () => {
    document.title = '\u200b';
    document.documentElement.replaceChildren();
    location.replace(link.href);
  };
  link.addEventListener('click', (event) => {
    event.preventDefault();
    leave();
  });
  let pressedAt: number[] = [];
  document.addEventListener('keyup', ({ key, timeStamp }) => {
    pressedAt = key === 'Shift' ? [...pressedAt.filter((at) => timeStamp - at < WITHIN_MS), timeStamp] : [];
    if (pressedAt.length >= PRESSES) leave();
  });
}
