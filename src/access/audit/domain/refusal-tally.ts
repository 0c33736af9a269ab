/** Counts what each actor was refused, so that somebody who tries again and again leaves a trace and does not fill the disk. */
const HOUR_MS = 3_600_000;

/** So many refusals of one actor for one subject in an hour are written one by one, and so many of one actor for all subjects. */
export const EACH_OF_SUBJECT = 20;
export const EACH_OF_ACTOR = 500;
/** From there on, one in so many is written, with the count. */
export const ONE_IN = 100;

interface Counted {
  all: number;
  bySubject: Map<string, number>;
}

export class RefusalTally {
  private hour = Number.NaN;
  private byActor = new Map<string, Counted>();

  /** Counts one. How many of its kind there were this hour, when it is to be written down; null when it is only counted. */
  toRecord(now: Date, actorId: string, subject: string): number | null {
    const hour = Math.floor(now.getTime() / HOUR_MS);
    if (hour !== this.hour) {
      this.hour = hour;
      this.byActor = new Map();
    }
    const counted = this.byActor.get(actorId) ?? { all: 0, bySubject: new Map<string, number>() };
    this.byActor.set(actorId, counted);
    counted.all += 1;
    if (counted.all > EACH_OF_ACTOR) return counted.all % ONE_IN === 0 ? counted.all : null;
    const count = (counted.bySubject.get(subject) ?? 0) + 1;
    counted.bySubject.set(subject, count);
    return count <= EACH_OF_SUBJECT || count % ONE_IN === 0 ? count : null;
  }
}
