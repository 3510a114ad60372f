/** As the message of a panic has it that a place was told to have. */
export function panicAt(place: string): string {
  return `deliberate panic at ${place.replace(/…$/, '')}`;
}
