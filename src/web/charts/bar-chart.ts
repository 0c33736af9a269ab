/** Where the parts of a bar chart lie. The template draws it as SVG on the server; the same numbers always stand in a table beside it. */

export interface Bar {
  label: string;
  /** 0 to 100, whole; null where the number is withheld. */
  percent: number | null;
  /** What is written at the bar's end. */
  value: string;
  /** A bar for its group as a whole, drawn darker than the others. */
  isWhole?: boolean;
}

export interface BarGroup {
  heading?: string;
  bars: readonly Bar[];
}

export interface BarChart {
  id: string;
  title: string;
  /** For who cannot see the drawing: what it shows, in a sentence or two. */
  description: string;
  groups: readonly BarGroup[];
}

/** Vertical places are pixels from the top, horizontal ones whole percents of the drawing's width, so that text keeps its size on any screen. */
export interface LaidOutChart {
  id: string;
  title: string;
  description: string;
  height: number;
  headings: { text: string; y: number }[];
  bars: (Bar & { labelY: number; barY: number; valueY: number })[];
  barHeight: number;
  /** The bars end at this percent of the width; the rest is for the value of a full bar. */
  barsEndPercent: number;
  gridPercents: readonly number[];
}

const HEADING_HEIGHT = 30;
const BAR_ROW_HEIGHT = 42;
const BAR_HEIGHT = 14;
const GROUP_GAP = 12;

export function layOut({ id, title, description, groups }: BarChart): LaidOutChart {
  const headings: LaidOutChart['headings'] = [];
  const bars: LaidOutChart['bars'] = [];
  let y = 0;
  for (const { heading, bars: ownBars } of groups) {
    if (heading !== undefined) {
      headings.push({ text: heading, y: y + 20 });
      y += HEADING_HEIGHT;
    }
    for (const bar of ownBars) {
      requireWholePercent(bar.percent);
      bars.push({ ...bar, labelY: y + 14, barY: y + 20, valueY: y + 32 });
      y += BAR_ROW_HEIGHT;
    }
    y += GROUP_GAP;
  }
  return {
    id,
    title,
    description,
    height: y,
    headings,
    bars,
    barHeight: BAR_HEIGHT,
    barsEndPercent: 84,
    gridPercents: [0, 25, 50, 75, 100],
  };
}

function requireWholePercent(percent: number | null): void {
  if (percent !== null && !(Number.isInteger(percent) && percent >= 0 && percent <= 100)) {
    throw new RangeError(`a bar of ${percent} percent cannot be drawn`);
  }
}
