/** Shows how far long work has come: a bar on a terminal, plain lines elsewhere. */
const BAR_WIDTH = 30;

export function progressOn(stream: NodeJS.WriteStream, title: string): (percent: number, note: string) => void {
  let shown = -1;
  return (percent, note) => {
    if (stream.isTTY) {
      const filled = Math.floor((percent * BAR_WIDTH) / 100);
      stream.write(
        `\r${title} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${String(percent).padStart(3)} %  ${note}${percent >= 100 ? '\n' : ''}`,
      );
      return;
    }
    const step = Math.floor(percent / 10) * 10;
    if (step > shown) {
      shown = step;
      stream.write(`${title}: ${step} % (${note})\n`);
    }
  };
}
