/** Whether this process may be asked yet: it answers its health at once and everything else only when it is ready. */
export class Readiness {
  private current: 'starting' | 'ready' = 'starting';

  get state(): 'starting' | 'ready' {
    return this.current;
  }

  markReady(): void {
    this.current = 'ready';
  }
}
