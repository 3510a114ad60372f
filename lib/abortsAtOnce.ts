/** `start` of a sink that ends at once: its stream's own `abort` waits for what is being written, and that for room. */
export const abortsAtOnce =
  (end: () => void) =>
  ({ signal }: { readonly signal: AbortSignal }): void => {
    signal.addEventListener('abort', end);
  };
