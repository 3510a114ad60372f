// Whether an error is one that tells the app what is wrong with its argument.
import type { Callable } from './surface.js';
import { Provoked } from './values.js';

/** Errors of this package, by their names, and of the language. */
const NAMES = new Set([
  'TypeError',
  'RangeError',
  'InvalidStateError',
  'InvalidModificationError',
  'NotFoundError',
  'NotAllowedError',
  'NotReadableError',
  'NotSupportedError',
  'NetworkError',
  'TimeoutError',
  'OperationError',
  'OverconstrainedError',
  'UnsupportedError',
  'AbortError',
]);

/** What engines, Go and JSON say where nobody has looked at a value before it was used. */
const INSIDE =
  /Cannot (read|set|destructure|convert|mix|access)|is not (a function|iterable|a constructor|an object)|object null|reading '|runtime error|goroutine|panic|invalid character|json|unmarshal|Unexpected|core (failed|recovered)|arguments are wrong|handle \d|circular|serialize|could not be cloned|Invalid array length|incompatible receiver|TypedArray/i;

/** Where Node.js makes a string of what it is given, as its own classes do. */
const OF_NODE = /(Error|Event|\.(add|remove)EventListener)$/;
const CONVERSION = /^Cannot convert|^The argument 'value' is invalid|on a detached ArrayBuffer$/;

/** What is wrong with an error of a call, if anything is. `value` is the name of what was given. */
export function verdictOn(error: unknown, callable: Callable, value: string): string | undefined {
  if (error instanceof Provoked) return undefined;
  if (!(error instanceof Error)) return `what was thrown is no Error: ${String(error)}`;
  const { name, message } = error;
  if (value.includes('revoked') && message.includes('a proxy that has been revoked')) {
    return undefined;
  }
  if (value === 'a class' && message.includes("cannot be invoked without 'new'")) return undefined;
  if (OF_NODE.test(callable.name) && CONVERSION.test(message)) return undefined;
  const told = `${name}: ${message.slice(0, 300)}`;
  const from = (error.stack ?? '').split('\n').slice(1, 4).join('\n');
  if (!NAMES.has(name)) return `an error of another name, ${told}\n${from}`;
  if (INSIDE.test(message)) return `an error of the inside, ${told}\n${from}`;
  // One argument may be wrong because of another: all are named by what they are.
  const words = callable.places.flatMap((place) => place.words);
  const isNamed = words.some((word) => message.includes(word));
  // What a source is, is quoted.
  if (name === 'TypeError' && !isNamed && !message.startsWith('filter graph "')) {
    return `an error that names no argument, ${told}\n${from}`;
  }
  return undefined;
}
