// What runs in the page of browser.mjs.
/* global atob, btoa, document, window, navigator, Audio, AudioContext, AnalyserNode, MediaStream */
import { Device } from 'mediasoup-client';
import { Peer } from '../../e2e/support/peer.mjs';

const SMALL = { width: 32, height: 24 };
const SOUND_SAMPLES = 16384;

async function request(method, data = {}) {
  const response = await fetch(`/${method}`, { method: 'POST', body: JSON.stringify(data) });
  if (!response.ok) throw new Error(`${method}: ${await response.text()}`);
  return await response.json();
}

let room;
const consumers = new Map();
const producers = new Map();
const data = new Map();

/** Counts the pictures that an element shows, for who waits. */
class Screen {
  #waiting = [];

  count = 0;
  firstMs;
  video = document.createElement('video');

  constructor(track) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.autoplay = true;
    this.video.srcObject = new MediaStream([track]);
    document.body.append(this.video);
    this.video.requestVideoFrameCallback(() => this.#shown());
  }

  begin() {
    this.beginning = performance.now();
  }

  until(count) {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  picture() {
    const { videoWidth, videoHeight } = this.video;
    const canvas = Object.assign(document.createElement('canvas'), SMALL);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, SMALL.width, SMALL.height);
    const rgba = context.getImageData(0, 0, SMALL.width, SMALL.height).data;
    return {
      ...SMALL,
      videoWidth,
      videoHeight,
      data: [...rgba].filter((_, index) => index % 4 < 3),
    };
  }

  #shown() {
    this.count += 1;
    this.firstMs ??= performance.now() - this.beginning;
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.count >= count) resolve();
      return this.count < count;
    });
    this.video.requestVideoFrameCallback(() => this.#shown());
  }
}

/** Listens to a track. */
class Ear {
  #analyser;

  constructor(track) {
    const stream = new MediaStream([track]);
    // Chromium decodes a remote track for elements only.
    const element = Object.assign(new Audio(), { muted: true, srcObject: stream });
    element.play().catch(() => {});
    const context = new AudioContext();
    this.#analyser = new AnalyserNode(context, { fftSize: SOUND_SAMPLES });
    context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  async sound() {
    const samples = new Float32Array(SOUND_SAMPLES);
    do {
      await new Promise((resolve) => setTimeout(resolve, 50));
      this.#analyser.getFloatTimeDomainData(samples);
      // All of it has to be sound, not the silence before.
    } while (!samples.some(audible) || !samples.subarray(0, SOUND_SAMPLES / 16).some(audible));
    return { sampleRate: this.#analyser.context.sampleRate, samples: [...samples] };
  }
}

function audible(sample) {
  return Math.abs(sample) > 0.001;
}

function canvasTrack(colour, { width = 320, height = 240 }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  let step = 0;
  setInterval(() => {
    context.fillStyle = colour;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = 'white';
    context.fillRect(step++ % canvas.width, 0, 8, 8);
  }, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
}

function toneTrack(hertz) {
  const context = new AudioContext();
  const oscillator = context.createOscillator();
  const destination = context.createMediaStreamDestination();
  oscillator.frequency.value = hertz;
  oscillator.connect(destination);
  oscillator.start();
  return destination.stream.getAudioTracks()[0];
}

function encode(buffer) {
  let characters = '';
  for (const byte of new Uint8Array(buffer)) characters += String.fromCharCode(byte);
  return btoa(characters);
}

async function produce(track, { mimeType, encodings, codecOptions }) {
  const codec = room.device.sendRtpCapabilities.codecs.find(
    (candidate) => candidate.mimeType.toLowerCase() === mimeType?.toLowerCase(),
  );
  if (mimeType && !codec) throw new Error(`this browser does not send ${mimeType}`);
  const transport = room.sendTransport ?? (await room.createSendTransport());
  const producer = await transport.produce({ track, codec, encodings, codecOptions });
  producers.set(producer.id, producer);
  return producer.id;
}

window.peer = {
  async join() {
    room = await Peer.join({ device: await Device.factory({ handlerName: 'Chrome111' }), request });
  },

  async consume(producerId) {
    const consumer = await room.consume(producerId, { paused: true });
    const { id, kind, track } = consumer;
    const seen = kind === 'video' ? new Screen(track) : new Ear(track);
    consumers.set(id, { consumer, seen });
    seen.begin?.();
    await request('resumeConsumer', { consumerId: id });
    return id;
  },

  async picture(id, count) {
    const { seen } = consumers.get(id);
    await seen.until(count);
    return { count: seen.count, firstMs: seen.firstMs, ...seen.picture() };
  },

  sound(id) {
    return consumers.get(id).seen.sound();
  },

  async stats(id) {
    const object = consumers.get(id)?.consumer ?? producers.get(id);
    return [...(await object.getStats()).values()];
  },

  produceCanvas(colour, options) {
    return produce(canvasTrack(colour, options), options);
  },

  produceTone(hertz, options) {
    return produce(toneTrack(hertz), options);
  },

  async produceDevice(kind, options) {
    const stream = await navigator.mediaDevices.getUserMedia({
      [kind]: kind === 'video' ? { width: 320, height: 240 } : true,
    });
    return await produce(stream.getTracks()[0], options);
  },

  async produceData(options) {
    const transport = room.sendTransport ?? (await room.createSendTransport());
    const dataProducer = await transport.produceData(options);
    data.set(dataProducer.id, { channel: dataProducer });
    return dataProducer.id;
  },

  async sendData(id, { text, base64 }) {
    const { channel } = data.get(id);
    if (channel.readyState !== 'open') {
      await new Promise((resolve) => channel.once('open', resolve));
    }
    channel.send(text ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  },

  async consumeData(dataProducerId) {
    const channel = await room.consumeData(dataProducerId);
    channel.binaryType = 'arraybuffer';
    const inbox = { channel, messages: [], waiting: [] };
    inbox.closed = new Promise((resolve) => channel.once('close', resolve));
    channel.on('message', (message) => {
      const plain = typeof message === 'string' ? { text: message } : { base64: encode(message) };
      const resolve = inbox.waiting.shift();
      if (resolve) resolve(plain);
      else inbox.messages.push(plain);
    });
    data.set(channel.id, inbox);
    return channel.id;
  },

  receiveData(id) {
    const { messages, waiting } = data.get(id);
    if (messages.length > 0) return messages.shift();
    return new Promise((resolve) => waiting.push(resolve));
  },

  closeData(id) {
    data.get(id).channel.close();
  },

  async closedData(id) {
    await data.get(id).closed;
  },
};
