/** What every room may know of how this process runs. */
export class Settings {
  constructor(
    /** Zone in which the organisation's days of booking and quarters end. */
    readonly timeZone: string,
  ) {}
}
