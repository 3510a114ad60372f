// Where a program writes: a block of lines that is redrawn in place on a terminal, a line now and then elsewhere.

const PLAIN_EVERY_MS = 5000;
const FIRST_PLAIN_MS = 2000;

export class Screen {
  #out;
  #drawn = 0;
  #nextPlain = performance.now() + FIRST_PLAIN_MS;

  constructor(out = process.stdout) {
    this.#out = out;
  }

  get live() {
    return Boolean(this.#out.isTTY) && process.env.TERM !== 'dumb';
  }

  /** Characters that fit in a line. */
  get width() {
    return Math.min(this.#out.columns || 80, 120);
  }

  /** Lines that fit in the block. */
  get height() {
    return (this.#out.rows || 24) - 1;
  }

  print(...lines) {
    for (const line of lines) this.#out.write(`${line}\n`);
  }

  /** Redraws the block; `plain()` is what is printed where nothing can be redrawn. */
  show(block, plain) {
    if (!this.live) {
      const now = performance.now();
      if (now < this.#nextPlain) return;
      this.#nextPlain = now + PLAIN_EVERY_MS;
      this.print(plain());
      return;
    }
    const lines = block().slice(0, this.height);
    // One write, so that no half-drawn block is seen; the cursor is hidden while it travels.
    let text = '\x1b[?25l';
    if (this.#drawn > 0) text += `\x1b[${this.#drawn}A\r`;
    for (const line of lines) text += `${line}\x1b[K\n`;
    for (let extra = lines.length; extra < this.#drawn; extra++) text += '\x1b[K\n';
    this.#drawn = Math.max(this.#drawn, lines.length);
    this.#out.write(text);
  }

  /** Leaves the block as it is and gives the cursor back. */
  end() {
    if (this.live) this.#out.write('\x1b[?25h');
    this.#drawn = 0;
  }

  /** @param {string} text @returns {string} */
  bold(text) {
    return this.#styled(text, '1');
  }

  /** @param {string} text @returns {string} */
  dim(text) {
    return this.#styled(text, '2');
  }

  #styled(text, code) {
    return this.live && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
