/** What happens in a run, read at a person's pace: it may be ahead. */
import type { RunEvent } from "../../core/lesson.ts";

export class UpcomingEvents {
  readonly #events: RunEvent[] = [];
  #ended = false;
  #news = Promise.withResolvers<void>();

  push(event: RunEvent): void {
    this.#events.push(event);
    this.#tell();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#tell();
  }

  /** Undefined: that was all. */
  async next(): Promise<RunEvent | undefined> {
    await this.#until(() => this.#events.length > 0);
    return this.#events.shift();
  }

  /** Will anybody be seen to try this forward? Waits until that is known. */
  async willBeTried(id: number): Promise<boolean> {
    const decides = (event: RunEvent) =>
      ((event.type === "cells" || event.type === "closed") && event.id === id) || event.type === "experiment-over" || event.type === "over";
    await this.#until(() => this.#events.some(decides));
    return this.#events.find(decides)?.type === "cells";
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#ended) await this.#news.promise;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
