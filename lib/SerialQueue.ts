/** Runs asynchronous tasks one after the other, in the order in which they were added. */
export class SerialQueue {
  #tail: Promise<void> = Promise.resolve();
  #stopped: Error | undefined;
  readonly #rejects = new Set<(reason: Error) => void>();

  /**
   * Runs `task` when those before it have settled. The promise settles as the task does, or
   * rejects at once when the queue is stopped: the task itself then ends unheard.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#stopped) {
        reject(this.#stopped);
        return;
      }
      this.#rejects.add(reject);
      const turn = async (): Promise<T> => task();
      this.#tail = this.#tail.then(async () => {
        if (this.#stopped) return;
        await turn().then(resolve, reject);
        this.#rejects.delete(reject);
      });
    });
  }

  /** Rejects every task that has not settled with `reason`, and those that come later. */
  stop(reason: Error): void {
    this.#stopped ??= reason;
    for (const reject of this.#rejects) reject(reason);
    this.#rejects.clear();
  }
}
