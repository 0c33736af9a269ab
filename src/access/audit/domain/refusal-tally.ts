/** Counts what each actor was refused, so that somebody who tries again and again leaves a trace and does not fill the disk. */
const HOUR_MS = 3_600_000;

/** So many refusals of one actor for one subject in an hour are written one by one, and so many of one actor for all subjects of a kind. */
export const EACH_OF_SUBJECT = 20;
export const EACH_OF_ACTOR = 500;
/** From there on, one in so many is written, with the count; but the first of each subject always is. */
export const ONE_IN = 100;
/** Of one actor and one kind, in an hour; what is refused for others on top is written each time. */
export const MOST_SUBJECTS = 10_000;

interface Counted {
  all: number;
  bySubject: Map<string, number>;
}

export class RefusalTally {
  private hour = Number.NaN;
  /** By actor and kind of subject: many refusals of routes hide none of clients. */
  private counted = new Map<string, Counted>();

  /** Counts one. How many of its kind there were this hour, when it is to be written down; null when it is only counted. */
  toRecord(now: Date, actorId: string, { kind, id }: { kind: string; id: string }): number | null {
    const hour = Math.floor(now.getTime() / HOUR_MS);
    if (hour !== this.hour) {
      this.hour = hour;
      this.counted = new Map();
    }
    const key = `${actorId} ${kind}`;
    const counted = this.counted.get(key) ?? { all: 0, bySubject: new Map<string, number>() };
    this.counted.set(key, counted);
    counted.all += 1;
    const { bySubject } = counted;
    const count = (bySubject.get(id) ?? 0) + 1;
    if (bySubject.has(id) || bySubject.size < MOST_SUBJECTS) bySubject.set(id, count);
    if (count === 1) return 1;
    if (counted.all > EACH_OF_ACTOR) return counted.all % ONE_IN === 0 ? counted.all : null;
    return count <= EACH_OF_SUBJECT || count % ONE_IN === 0 ? count : null;
  }
}
