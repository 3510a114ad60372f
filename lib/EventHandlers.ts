type Handler = (event: never) => unknown;

/**
 * The `onX` attributes of an EventTarget, as HTML defines them: a handler keeps its place among
 * the listeners when another takes its place, and anything but a function is null.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
 */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #entries = new Map<string, { handler: Handler; listener: (event: Event) => void }>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  // The type of a handler follows from the attribute that is read.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  get<H extends Handler>(type: string): H | null {
    return (this.#entries.get(type)?.handler as H | undefined) ?? null;
  }

  set(type: string, handler: Handler | null): void {
    const entry = this.#entries.get(type);
    if (typeof handler !== 'function') {
      if (entry) this.#target.removeEventListener(type, entry.listener);
      this.#entries.delete(type);
    } else if (entry) {
      entry.handler = handler;
    } else {
      const added = {
        handler,
        listener: (event: Event): void => {
          added.handler.call(this.#target, event as never);
        },
      };
      this.#entries.set(type, added);
      this.#target.addEventListener(type, added.listener);
    }
  }
}
