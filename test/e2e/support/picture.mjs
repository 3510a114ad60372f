// Colours of decoded pictures.

/** @typedef {{ width: number, height: number, data: Uint8Array }} Picture RGB, 3 bytes a pixel, rows without gaps */

/**
 * The mean colour of a region. Its edges are fractions of the picture, 0 to 1; the whole picture by default.
 * @param {Picture} picture
 */
export function meanColour(picture, { left = 0, top = 0, right = 1, bottom = 1 } = {}) {
  const { width, height, data } = picture;
  const [x0, x1] = span(left, right, width);
  const [y0, y1] = span(top, bottom, height);
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const at = (y * width + x) * 3;
      red += data[at];
      green += data[at + 1];
      blue += data[at + 2];
    }
  }
  const count = (x1 - x0) * (y1 - y0);
  return { red: red / count, green: green / count, blue: blue / count };
}

/** The largest difference of any channel: 0 is the same colour, 255 the opposite. */
export function colourDistance(a, b) {
  return Math.max(Math.abs(a.red - b.red), Math.abs(a.green - b.green), Math.abs(a.blue - b.blue));
}

/** The colours that the sample files show, as they come out of limited-range BT.601 video. */
export const colours = {
  red: { red: 254, green: 0, blue: 0 },
  blue: { red: 0, green: 0, blue: 254 },
  black: { red: 0, green: 0, blue: 0 },
};

function span(from, to, size) {
  const first = Math.floor(from * size);
  const last = Math.ceil(to * size);
  if (!(first >= 0 && last <= size && first < last)) {
    throw new RangeError(`region: expected 0 <= from < to <= 1, got ${from} to ${to}`);
  }
  return [first, last];
}
