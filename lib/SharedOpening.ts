/** A track whose source is being opened: cancelled when none of those that wait for it does any more. */
export class SharedOpening<Track> {
  readonly #cancelling = new AbortController();
  readonly #opened: Promise<Track>;
  #waiting = 0;

  constructor(open: (signal: AbortSignal) => Promise<Track>) {
    this.#opened = open(this.#cancelling.signal);
  }

  /** Whether it was, or nobody waited any more before it was open. */
  get cancelled(): boolean {
    return this.#cancelling.signal.aborted;
  }

  /** Ends the opening, whoever waits for it. */
  cancel(): void {
    this.#cancelling.abort();
  }

  /** Waits for the track, until `signal`: the promise settles with the opening all the same. */
  async wait(signal?: AbortSignal): Promise<Track> {
    this.#waiting += 1;
    const leave = (): void => {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#cancelling.abort();
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave);
    try {
      return await this.#opened;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }
}
