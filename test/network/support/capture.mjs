// What goes over every interface of a namespace, as tcpdump has it.
import { once } from 'node:events';

const START_LIMIT_MS = 20_000;

/** Addresses of a capture are [address, port] pairs. */
export class Capture {
  #child;
  #rest = '';

  /** The packets of UDP and TCP so far, as `{ from, to, text }`. */
  packets = [];

  constructor(child) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text) => this.#take(text));
  }

  /** Resolves when every packet from now on is captured. */
  static async start(namespace) {
    const options = ['-i', 'any', '-nn', '-l', '-q', '-t', '--immediate-mode'];
    const child = namespace.spawn('tcpdump', [...options, 'udp or tcp']);
    const capture = new Capture(child);
    let said = '';
    const signal = AbortSignal.timeout(START_LIMIT_MS);
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    while (!/^listening on/m.test(said)) {
      if (child.exitCode !== null) throw new Error(`tcpdump: ${said}`);
      await once(child.stderr, 'data', { signal });
    }
    return capture;
  }

  /** Ends it; all that was captured is in `packets` then. */
  async stop() {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await closed;
  }

  #take(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      const ends = / IP6? (\S+)\.(\d+) > (\S+)\.(\d+): /.exec(line);
      if (!ends) continue;
      const [, from, fromPort, to, toPort] = ends;
      this.packets.push({
        from: [from, Number(fromPort)],
        to: [to, Number(toPort)],
        text: line.trim(),
      });
    }
  }
}
