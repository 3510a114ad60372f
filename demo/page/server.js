// How the page talks to the demo's server: events come on one stream, requests are HTTP POSTs.
/* global EventSource */

export class Server {
  /** Gets each event's name and data. */
  onEvent = () => {};
  /** The stream ended: the server is gone, or ended the visit. */
  onLost = () => {};

  #events;
  #visitor;

  /** Resolves to what the server says first. */
  async open() {
    this.#events = new EventSource('/events');
    // Another stream would be another visit: whoever opened this one decides about that.
    this.#events.onerror = () => {
      this.close();
      this.onLost();
    };
    for (const name of ['chat', 'picture', 'ended', 'problem']) {
      this.#events.addEventListener(name, ({ data }) => this.onEvent(name, JSON.parse(data)));
    }
    const welcome = await new Promise((resolve) => {
      this.#events.addEventListener('welcome', ({ data }) => resolve(JSON.parse(data)));
    });
    this.#visitor = welcome.visitor;
    return welcome;
  }

  /** As in examples/signalling.mjs, with the visitor's name on it. */
  request = async (method, data = {}) => {
    const response = await fetch(`/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-visitor': this.#visitor },
      body: JSON.stringify(data),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error);
    return body;
  };

  /** The server frees what the visit had when the stream ends. */
  close() {
    this.#events?.close();
  }
}
