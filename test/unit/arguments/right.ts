// How something is called right.

export type Right = {
  /** What has the method; the export of its name unless given. A new one for each call where the call uses it up. */
  on?: () => unknown;
  args: () => unknown[];
  /** Uses what the call made: what is wrong may be found out then. */
  then?: (result: unknown) => Promise<unknown>;
  /** Ends what the call made. */
  after?: (result: unknown, on: unknown, args: unknown[]) => unknown;
  /** Ends what `on` made. */
  end?: (on: unknown) => unknown;
  /** Why it need not succeed: there is no such device, say. */
  unlikely?: string;
  /** The one member of the first argument that is tried, with a few values: each call looks for devices. */
  within?: string;
};

export type Rights = Record<string, Right[]>;

export const noop = (): void => undefined;
export const one = (args: () => unknown[], more: Omit<Right, 'args'> = {}): Right[] => [
  { args, ...more },
];

export const stopTracks = (stream: unknown): void => {
  for (const track of (stream as MediaStream).getTracks()) track.stop();
};

export const closeIt = (made: unknown): void => {
  (made as { close(): void }).close();
};

/** `addEventListener()` and `removeEventListener()` of an event target. */
export function listening(name: string, type: string, on: () => unknown): Rights {
  const options = () => ({
    capture: false,
    once: true,
    passive: true,
    signal: new AbortController().signal,
  });
  return {
    [`${name}.addEventListener`]: one(() => [type, noop, options()], {
      on,
      // What is no listener is none to be called.
      after: (_, target, args) => {
        for (const capture of [false, true]) {
          (target as EventTarget).removeEventListener(args[0] as string, args[1] as never, capture);
        }
      },
    }),
    [`${name}.removeEventListener`]: one(() => [type, noop, { capture: false }], { on }),
  };
}

/** `onX` of a target. */
export function handlers(name: string, on: () => unknown, ...types: string[]): Rights {
  const after = (type: string) => (_: unknown, target: unknown) => {
    Reflect.set(target as object, `on${type}`, null);
  };
  return Object.fromEntries(
    types.map((type) => [`${name}.on${type}`, one(() => [noop], { on, after: after(type) })]),
  );
}
