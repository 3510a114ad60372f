// A picture for those without a camera: a clock on a coloured ground, drawn in this page.
/* global document, window, requestAnimationFrame, cancelAnimationFrame */

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_A_SECOND = 30;

export class Drawing {
  #canvas = document.createElement('canvas');
  #context = this.#canvas.getContext('2d');
  #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  #timer;
  #last = 0;

  colour;

  constructor(colour) {
    this.colour = colour;
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
  }

  /** @returns {MediaStreamTrack} */
  start() {
    this.#draw(0);
    return this.#canvas.captureStream(FRAMES_A_SECOND).getVideoTracks()[0];
  }

  stop() {
    cancelAnimationFrame(this.#timer);
  }

  #draw = (now) => {
    this.#timer = requestAnimationFrame(this.#draw);
    const date = new Date();
    // Who wants little motion gets a hand that ticks, as a clock's does.
    const seconds = date.getSeconds() + (this.#calm.matches ? 0 : date.getMilliseconds() / 1000);
    if (now - this.#last < 1000 / FRAMES_A_SECOND / 2) return;
    this.#last = now;
    this.#paint(seconds, date.toLocaleTimeString('en-GB'));
  };

  #paint(seconds, time) {
    const context = this.#context;
    context.fillStyle = this.colour;
    context.fillRect(0, 0, WIDTH, HEIGHT);

    const [x, y, radius] = [WIDTH / 2, HEIGHT / 2, 96];
    const top = -Math.PI / 2;
    context.lineWidth = 14;
    context.lineCap = 'round';
    context.strokeStyle = 'rgb(255 255 255 / 30%)';
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
    context.strokeStyle = 'white';
    context.beginPath();
    context.arc(x, y, radius, top, top + (seconds / 60) * 2 * Math.PI);
    context.stroke();

    context.fillStyle = 'white';
    context.font = '600 32px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(time, x, y);
  }
}
