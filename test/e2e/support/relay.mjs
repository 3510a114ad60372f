// A UDP network between a client and the server that loses, delays, reorders, duplicates, cuts, corrupts and limits, as
// its seed says.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { kindOf } from './packet-kind.mjs';
import { mulberry32 } from './random.mjs';

// Larger than what a burst of keyframes needs while this process is busy.
const SOCKET_BUFFER = 4 << 20;

/** A network. `up` is the way from the client to the server, `down` the way back. */
export class Relay {
  #sockets = new Set();
  // What leads to the server, by the client's address; a map for each of the server's candidates.
  #backs = new Set();
  // What puts a packet on its way to the client, and to the server.
  #flows = [];
  #isClosed = false;
  #ip;

  up;
  down;

  constructor({ ip = '127.0.0.1', seed = 1, up = {}, down = {} } = {}) {
    this.#ip = ip;
    this.up = new Way(seed, up);
    this.down = new Way(seed + 1, down);
  }

  /** Candidates that lead through the relay to the given ones, of which only UDP's are kept. */
  async route(iceCandidates) {
    const udp = iceCandidates.filter(({ protocol }) => protocol === 'udp');
    return await Promise.all(
      udp.map(async (candidate) => ({ ...candidate, port: await this.#open(candidate) })),
    );
  }

  /** The server sees the clients at other addresses from now on, and no way leads to the old ones. */
  rebind() {
    for (const backs of this.#backs) {
      for (const back of backs.values()) back.then((socket) => this.#drop(socket));
      backs.clear();
    }
  }

  /** Puts a packet on its way, `up` or `down`, as if the other side had sent it. */
  inject(direction, packet) {
    for (const flow of this.#flows) flow[direction](packet);
  }

  close() {
    this.#isClosed = true;
    this.up.close();
    this.down.close();
    for (const socket of this.#sockets) this.#drop(socket);
  }

  /** A port that leads to the server's; each address of the client gets a socket of its own there. */
  async #open({ address, port }) {
    const front = await this.#bind();
    const backs = new Map();
    this.#backs.add(backs);
    front.on('message', async (message, { address: from, port: fromPort }) => {
      const client = `${from}:${fromPort}`;
      if (!backs.has(client)) {
        const down = (reply) => this.#send(front, reply, fromPort, from);
        const answer = (reply) => this.down.carry(reply, (packet = reply) => down(packet));
        const opened = this.#bind().then((back) => back.on('message', answer));
        backs.set(client, opened);
        opened.then((back) =>
          this.#flows.push({ up: (packet) => this.#send(back, packet, port, address), down }),
        );
      }
      const back = await backs.get(client);
      this.up.carry(message, (packet = message) => this.#send(back, packet, port, address));
    });
    return front.address().port;
  }

  async #bind() {
    // Who still joins meanwhile would leave a socket behind.
    if (this.#isClosed) throw new Error('the relay is closed');
    const socket = dgram.createSocket({
      type: this.#ip.includes(':') ? 'udp6' : 'udp4',
      recvBufferSize: SOCKET_BUFFER,
      sendBufferSize: SOCKET_BUFFER,
    });
    this.#sockets.add(socket);
    socket.bind(0, this.#ip);
    await once(socket, 'listening');
    // Whoever a packet was for may be gone.
    socket.on('error', () => {});
    return socket;
  }

  #drop(socket) {
    if (this.#sockets.delete(socket)) socket.close();
  }

  #send(socket, message, port, address) {
    if (this.#sockets.has(socket)) socket.send(message, port, address);
  }
}

/** One way of a network. Its conditions may be changed at any time. */
class Way {
  #random;
  // Numbers of their own, so that what is lost does not depend on what is damaged.
  #damage;
  #timers = new Set();
  #freeAt = 0;
  // How many were lost since the last that was not.
  #inARow = 0;
  #conditions;

  packets = 0;
  lost = 0;
  bytes = 0;
  /** How many were changed on the way. */
  damaged = 0;

  constructor(seed, conditions) {
    this.#random = mulberry32(seed);
    this.#damage = mulberry32(seed + 1000);
    this.set(conditions);
  }

  /** Replaces the conditions; see relay.d.mts. */
  set({
    loss = 0,
    inARow = Infinity,
    duplicate = 0,
    delayMs = 0,
    reorder = 0,
    reorderMs = 20,
    bitrate = Infinity,
    queueMs = 300,
    cut = 0,
    corrupt = 0,
    kinds,
    ...rest
  }) {
    for (const name of Object.keys(rest)) throw new TypeError(`conditions: ${name} is unknown`);
    this.#conditions = {
      ...{ loss, inARow, duplicate, delayMs, reorder, reorderMs, bitrate, queueMs },
      ...{ cut, corrupt, kinds },
    };
  }

  carry(message, deliver) {
    this.packets++;
    this.bytes += message.length;
    const { kinds } = this.#conditions;
    if (kinds && !kinds.includes(kindOf(message))) {
      deliver(message);
      return;
    }
    const { loss, inARow, duplicate, delayMs, reorder, reorderMs, bitrate, queueMs } =
      this.#conditions;
    // Always as many numbers a packet, so that a condition does not change what the others do.
    const [lost, twice, late] = [this.#random(), this.#random(), this.#random()];
    const now = performance.now();
    const begin = Math.max(now, this.#freeAt);
    if ((lost < loss && this.#inARow < inARow) || begin - now > queueMs) {
      this.lost++;
      this.#inARow++;
      return;
    }
    this.#inARow = 0;
    this.#freeAt = begin + (message.length * 8000) / bitrate;
    const wait = this.#freeAt - now + delayMs + (late < reorder ? reorderMs : 0);
    const arrives = this.#spoil(message);
    this.#after(wait, () => deliver(arrives));
    if (twice < duplicate) this.#after(wait, () => deliver(arrives));
  }

  /** What arrives of a packet: less of it, one bit of it turned over, or all. */
  #spoil(message) {
    const { cut, corrupt } = this.#conditions;
    const [isCut, isCorrupt, where] = [this.#damage(), this.#damage(), this.#damage()];
    if (isCut >= cut && isCorrupt >= corrupt) return message;
    this.damaged++;
    const at = Math.floor(where * message.length);
    if (isCut < cut) return message.subarray(0, at);
    const changed = Buffer.from(message);
    changed[at] ^= 1 << (Math.floor(where * message.length * 8) % 8);
    return changed;
  }

  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #after(wait, deliver) {
    if (wait < 1) {
      deliver();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      deliver();
    }, wait);
    this.#timers.add(timer);
  }
}
