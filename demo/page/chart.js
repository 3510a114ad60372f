// One small chart: a line for each series over the last minute, and its newest value in words.
/* global document */

const SVG = 'http://www.w3.org/2000/svg';
const POINTS = 60;
const WIDTH = 240;
const HEIGHT = 64;

export class Chart {
  #series;
  #digits;
  #floor;
  #top;
  #image;

  /**
   * @param {Element} place
   * @param {{ title: string, unit: string, floor: number, digits?: number, series: Record<string, string> }} options
   *   `floor` is the least that the scale reaches; `series` has a name by key, at most two
   */
  constructor(place, { title, unit, floor, digits = 0, series }) {
    this.#digits = digits;
    this.#floor = floor;

    const box = html('div', 'chart');
    const list = html('dl');
    this.#image = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' });
    for (const y of [0, HEIGHT / 2, HEIGHT]) {
      this.#image.append(svg('line', { class: 'grid', x1: 0, x2: WIDTH, y1: y, y2: y }));
    }
    this.#series = Object.entries(series).map(([key, name], index) => {
      const className = ['first', 'second'][index];
      const row = html('div', className);
      const value = html('dd', '', '–');
      row.append(html('dt', '', name), value);
      list.append(row);
      const path = svg('path', { class: className });
      this.#image.append(path);
      return { key, value, path, points: [] };
    });
    this.#top = html('span', 'top');
    const plot = html('div', 'plot');
    // The numbers say what there is to hear.
    plot.setAttribute('aria-hidden', 'true');
    plot.append(this.#image, this.#top, html('span', 'bottom', '0'));
    box.append(html('h3', '', `${title}, ${unit}`), list, plot);
    place.append(box);
    this.#draw();
  }

  /** @param {Record<string, number | undefined>} values by key of the series; undefined leaves a gap */
  add(values) {
    for (const { key, value, points } of this.#series) {
      const number = values[key];
      points.push(number);
      if (points.length > POINTS) points.shift();
      value.textContent = number === undefined ? '–' : this.#text(number);
    }
    this.#draw();
  }

  clear() {
    for (const { value, points } of this.#series) {
      points.length = 0;
      value.textContent = '–';
    }
    this.#draw();
  }

  #draw() {
    const all = this.#series.flatMap(({ points }) => points.filter((point) => point !== undefined));
    const top = niceAbove(Math.max(this.#floor, ...all));
    this.#top.textContent = top.toLocaleString('en-US');
    for (const { path, points } of this.#series) path.setAttribute('d', lineOf(points, top));
  }

  #text(number) {
    return number.toLocaleString('en-US', {
      minimumFractionDigits: this.#digits,
      maximumFractionDigits: this.#digits,
    });
  }
}

/** The newest point is at the right edge. */
function lineOf(points, top) {
  let line = '';
  let down = false;
  points.forEach((point, index) => {
    if (point === undefined) {
      down = false;
      return;
    }
    const x = WIDTH - ((points.length - 1 - index) * WIDTH) / (POINTS - 1);
    const y = HEIGHT - (point / top) * HEIGHT;
    line += `${down ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    down = true;
  });
  return line;
}

/** 1, 2 or 5 and zeros. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}

function html(name, className = '', text = '') {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
