/** RGB, 3 bytes a pixel, rows without gaps. */
export type Picture = { width: number; height: number; data: Uint8Array };

/** Each channel 0 to 255. */
export type Colour = { red: number; green: number; blue: number };

/** The mean colour of a region, whose edges are fractions of the picture. Default: all of it. */
export function meanColour(
  picture: Picture,
  region?: { left?: number; top?: number; right?: number; bottom?: number },
): Colour;

/** The largest difference of any channel. */
export function colourDistance(a: Colour, b: Colour): number;

/** What the sample files show. */
export const colours: { red: Colour; blue: Colour; black: Colour };
