// The visitor's picture: the camera, or a drawing where there is none.
/* global document, navigator, DOMException */
import { Drawing } from './drawing.js';

const CAMERA = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30 } };

export class Picture {
  /** What is sent now. */
  track;

  #onTrack;
  #drawing;
  #asked = 0;
  #note = document.querySelector('#picture-note');
  #colour = document.querySelector('#colour');
  #buttons = {
    camera: document.querySelector('#camera'),
    drawing: document.querySelector('#drawing'),
  };

  /** `onTrack` gets the track to send, or undefined to send none. */
  constructor({ onTrack }) {
    this.#onTrack = onTrack;
    for (const [source, button] of Object.entries(this.#buttons)) {
      button.addEventListener('click', () => {
        if (button.getAttribute('aria-pressed') === 'true') this.stop();
        else this.#start(source);
      });
    }
    this.#colour.addEventListener('input', () => {
      if (this.#drawing) this.#drawing.colour = this.#colour.value;
    });
  }

  setEnabled(enabled) {
    for (const button of Object.values(this.#buttons)) button.disabled = !enabled;
  }

  stop() {
    this.#asked++;
    this.#press(undefined);
    this.tell('');
    this.#drawing?.stop();
    this.#drawing = undefined;
    if (!this.track) return;
    this.track.stop();
    this.track = undefined;
    this.#onTrack(undefined);
  }

  tell(text) {
    this.#note.textContent = text;
  }

  async #start(source) {
    this.stop();
    const asked = this.#asked;
    this.#press(source);
    let track;
    if (source === 'camera') {
      try {
        this.tell('Your browser asks whether this page may use the camera.');
        track = await openCamera();
        this.tell('');
      } catch (error) {
        if (asked !== this.#asked) return;
        this.tell(`${reasonOf(error)} A drawing is sent in its place.`);
        this.#press('drawing');
      }
      // Another choice was made while the browser asked.
      if (asked !== this.#asked) {
        track?.stop();
        return;
      }
    }
    if (!track) {
      this.#drawing = new Drawing(this.#colour.value);
      track = this.#drawing.start();
    }
    track.addEventListener('ended', () => {
      if (track !== this.track) return;
      this.stop();
      this.tell('The camera went away.');
    });
    this.track = track;
    this.#onTrack(track);
  }

  #press(source) {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.setAttribute('aria-pressed', String(name === source));
    }
  }
}

async function openCamera() {
  // Browsers offer cameras only to https and to this machine's own pages.
  if (!navigator.mediaDevices) throw new DOMException('not secure', 'SecurityError');
  const stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA });
  return stream.getVideoTracks()[0];
}

function reasonOf({ name }) {
  switch (name) {
    case 'SecurityError':
      return 'This browser gives cameras only to https pages and to localhost.';
    case 'NotAllowedError':
      return 'The camera was not allowed: the button beside the address changes that.';
    case 'NotFoundError':
      return 'There is no camera.';
    case 'NotReadableError':
      return 'The camera is in use by another program.';
    default:
      return 'The camera could not be opened.';
  }
}
