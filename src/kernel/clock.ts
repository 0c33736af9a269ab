/** Where time comes from. Nothing else in the service asks the machine what time it is. */
import { dayIn, type PlainDate } from './domain/plain-date.js';

export class Clock {
  now(): Date {
    return new Date();
  }

  /** The day it is now in that IANA time zone. */
  today(timeZone: string): PlainDate {
    return dayIn(timeZone, this.now());
  }
}

/** A clock that can be set, for the rebuilt pilot and for tests; until it is set, and after it came back, it tells real time. */
export class TravellingClock extends Clock {
  private instant: Date | undefined;

  override now(): Date {
    return this.instant ? new Date(this.instant) : super.now();
  }

  travelTo(instant: Date): void {
    this.instant = instant;
  }

  returnToPresent(): void {
    this.instant = undefined;
  }
}
