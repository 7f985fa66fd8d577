/** Assertions that have begun and not ended: one that is not awaited would look at a lab that the test has already left. */

export class PendingAssertions {
  /** Frames of the test, by assertion. */
  readonly #running = new Map<Promise<unknown>, string>();
  readonly #forgotten: { text: string; stack: string }[] = [];

  /** @param stack frames of the line that asserts */
  async track<T>(text: string, stack: string, assertion: Promise<T>): Promise<T> {
    this.#running.set(assertion, `${text}\n${stack}`);
    try {
      return await assertion;
    } finally {
      this.#running.delete(assertion);
    }
  }

  /** Before something that assertions look at goes away: lets them end, and notes them as not awaited. */
  async settle(): Promise<void> {
    const running = [...this.#running];
    for (const [, told] of running) {
      const end = told.indexOf("\n");
      this.#forgotten.push({ text: told.slice(0, end), stack: told.slice(end + 1) });
    }
    await Promise.allSettled(running.map(([assertion]) => assertion));
  }

  /** @throws when an assertion was not awaited, with its line; then all is forgiven */
  throwForgotten(): void {
    const [first] = this.#forgotten.splice(0);
    if (!first) return;
    const error = new Error(`${first.text} was not awaited: write \`await ${first.text}\`, or the test ends before anything is proven`);
    error.stack = `Error: ${error.message}\n${first.stack}`;
    throw error;
  }
}
