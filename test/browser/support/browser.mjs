// A real Chromium in a room: it plays what is produced, and produces canvases, tones, its fake devices and data.
/* global window */
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Candidates of the loopback interface, with their addresses.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required',
  // A camera and a microphone that nobody is asked for.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
const LIMIT_MS = 60_000;
const MAX_BODY = 1_000_000;
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>peer</title><script src="/page.js"></script>';

/** One browser, with a page for each peer. */
export class Browser {
  #chromium;
  #script;

  constructor(launched, script) {
    this.#chromium = launched;
    this.#script = script;
  }

  static async launch() {
    const script = await bundle();
    return new Browser(
      await chromium.launch({ executablePath: EXECUTABLE, headless: true, args: ARGUMENTS }),
      script,
    );
  }

  /** Joins the room with a page and a Device of its own. */
  async join(room) {
    const listener = await serve(room, this.#script);
    let page;
    try {
      page = await this.#chromium.newPage();
      await page.goto(`http://${room.server.ip}:${listener.address().port}/`);
      const peer = new BrowserPeer(listener, page);
      await peer.call('join');
      return peer;
    } catch (error) {
      await page?.close();
      await close(listener);
      throw error;
    }
  }

  close() {
    return this.#chromium.close();
  }
}

/** One page of a browser, as a peer of a room. Its methods run in the page. */
export class BrowserPeer {
  #listener;

  page;

  constructor(listener, page) {
    this.#listener = listener;
    this.page = page;
  }

  /** Receives a producer; resolves, once it is resumed, to the id of the consumer. */
  consume(producer) {
    return this.call('consume', producer.id ?? producer);
  }

  /**
   * Waits until `count` pictures of a consumer were shown, and resolves to what the page knows: their number, the
   * milliseconds from resuming to the first one, the size, and the newest one in RGB, scaled down to 32 x 24.
   */
  async picture(consumerId, count = 1) {
    const { data, ...rest } = await this.call('picture', consumerId, count);
    return { ...rest, data: Uint8Array.from(data) };
  }

  /** Waits until a consumer is heard, and resolves to what: { sampleRate, samples }. */
  async sound(consumerId) {
    const { sampleRate, samples } = await this.call('sound', consumerId);
    return { sampleRate, samples: Float32Array.from(samples) };
  }

  /** Produces a canvas of one colour, with a spot that moves; resolves to the id of the producer. */
  produceCanvas(colour, options = {}) {
    return this.call('produceCanvas', colour, options);
  }

  /** Produces a tone of so many Hz. */
  produceTone(hertz, options = {}) {
    return this.call('produceTone', hertz, options);
  }

  /** Produces the camera or the microphone that the browser makes up. */
  produceDevice(kind, options = {}) {
    return this.call('produceDevice', kind, options);
  }

  /** Opens a data channel that sends; resolves to the id of the data producer. */
  produceData(options) {
    return this.call('produceData', options);
  }

  /** Sends a text, or bytes. */
  sendData(dataProducerId, message) {
    // A list of numbers would take seconds.
    const sent =
      typeof message === 'string'
        ? { text: message }
        : { base64: Buffer.from(message).toString('base64') };
    return this.call('sendData', dataProducerId, sent);
  }

  /** Receives a data producer; resolves to the id of the data consumer. */
  consumeData(dataProducer) {
    return this.call('consumeData', dataProducer.id ?? dataProducer);
  }

  /** The next message of a data consumer: a string or a Uint8Array. */
  async receiveData(dataConsumerId) {
    const { text, base64 } = await this.call('receiveData', dataConsumerId);
    return text ?? Uint8Array.from(Buffer.from(base64, 'base64'));
  }

  /** Closes a data producer or a data consumer. */
  closeData(id) {
    return this.call('closeData', id);
  }

  /** Waits until the channel of a data consumer has closed. */
  closedData(dataConsumerId) {
    return this.call('closedData', dataConsumerId);
  }

  /** getStats() of a consumer or a producer, as plain objects. */
  stats(id) {
    return this.call('stats', id);
  }

  async close() {
    await this.page.close();
    await close(this.#listener);
  }

  /** Runs a method in the page. Fails after a while: what a page waits for may never come. */
  async call(method, ...parameters) {
    const call = this.page.evaluate(
      ([name, given]) => window.peer[name](...given),
      [method, parameters],
    );
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${method}: not within ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
      // It fails with the page, which may be later.
      call.catch(() => {});
    }
  }
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser-page.mjs', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'chrome111',
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** The page, its script, and the room's requests as POSTs, on loopback. */
async function serve(room, script) {
  const listener = http.createServer((request, response) => {
    answer(room, script, request).then(
      ([type, body]) => response.writeHead(200, { 'content-type': type }).end(body),
      (error) => response.writeHead(500).end(error.message),
    );
  });
  listener.listen(0, room.server.ip);
  await once(listener, 'listening');
  return listener;
}

async function answer(room, script, request) {
  if (request.url === '/page.js') return ['text/javascript', script];
  if (request.method !== 'POST') return ['text/html', PAGE];
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_BODY) throw new Error(`a body has at most ${MAX_BODY} bytes`);
  }
  const result = await room.server.request(request.url.slice(1), JSON.parse(body));
  return ['application/json', JSON.stringify(result)];
}

async function close(listener) {
  listener.closeAllConnections();
  listener.close();
  await once(listener, 'close');
}
