// Calls between a process and the one that forked it, both ways.

/** The other end of an IPC channel: `process`, or a child. */
export class Rpc {
  #channel;
  #methods;
  #pending = new Map();
  #nextId = 1;

  constructor(channel, methods = {}) {
    this.#channel = channel;
    this.#methods = methods;
    channel.on('message', (message) => this.#take(message));
    channel.on('disconnect', () => this.#fail(new Error('the other process is gone')));
  }

  /** Calls a method of the other end; resolves to what it returns. */
  call(method, data) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#channel.send({ id, method, data }, (error) => error && this.#settle(id, { error }));
    });
  }

  async #take({ id, method, data, result, error }) {
    if (method === undefined) {
      this.#settle(id, { result, error: error && new Error(error) });
      return;
    }
    try {
      const answer = this.#methods[method];
      if (!answer) throw new TypeError(`${method} is unknown`);
      this.#send({ id, result: await answer(data) });
    } catch (reason) {
      this.#send({ id, error: `${method}: ${reason.stack}` });
    }
  }

  #send(message) {
    if (this.#channel.connected) this.#channel.send(message);
  }

  #settle(id, { result, error }) {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) waiting?.reject(error);
    else waiting?.resolve(result);
  }

  #fail(error) {
    for (const id of [...this.#pending.keys()]) this.#settle(id, { error });
  }
}
