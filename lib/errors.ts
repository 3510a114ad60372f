/** The error names that this package uses, as DOMException and mediasoup-client name them. */
export type ErrorName =
  | 'TypeError'
  | 'InvalidStateError'
  | 'InvalidModificationError'
  | 'NotFoundError'
  | 'NotAllowedError'
  | 'NotReadableError'
  | 'NotSupportedError'
  | 'NetworkError'
  | 'TimeoutError'
  | 'OperationError'
  | 'UnsupportedError'
  | 'AbortError';

/** What every error class of this package takes besides its message. */
export type ErrorDetails = {
  /** Stable machine-readable code, `ERR_…`. */
  code?: string;
  /** The error that led to this one. */
  cause?: unknown;
};

/** An error as the core sends it. */
export type ErrorReply = {
  name: string;
  code: string;
  message: string;
  cause?: string;
  /** Of an OverconstrainedError. */
  constraint?: string;
};

/** As `new Error()` has it, what is no object says nothing. */
function parseDetails(details: unknown, code: string): { code: string; options: ErrorOptions } {
  if (typeof details !== 'object' || details === null) return { code, options: {} };
  const { code: given = code, cause } = details as ErrorDetails;
  return { code: given, options: cause === undefined ? {} : { cause } };
}

/**
 * A wrong argument. `instanceof TypeError` holds. The message names the argument, what was
 * expected and what was given. Code `ERR_INVALID_ARGUMENT`, or `ERR_MESSAGE_TOO_LARGE`.
 */
export class ArgumentError extends TypeError {
  readonly code: string;

  constructor(message: string, details: ErrorDetails = {}) {
    const { code, options } = parseDetails(details, 'ERR_INVALID_ARGUMENT');
    super(message, options);
    this.name = 'TypeError';
    this.code = code;
  }
}

abstract class CodedError extends Error {
  /** Stable machine-readable code, `ERR_…`. */
  readonly code: string;

  protected constructor(name: string, code: string, message: string, details: ErrorDetails) {
    const parsed = parseDetails(details, code);
    super(message, parsed.options);
    this.name = name;
    this.code = parsed.code;
  }
}

/** The object is closed or in the wrong state. Code `ERR_INVALID_STATE`, `ERR_CLOSED` or `ERR_STALE_HANDLE`. */
export class InvalidStateError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('InvalidStateError', 'ERR_INVALID_STATE', message, details);
  }
}

/** Something that cannot be changed was. Code `ERR_INVALID_MODIFICATION`. */
export class InvalidModificationError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('InvalidModificationError', 'ERR_INVALID_MODIFICATION', message, details);
  }
}

/** A file or a device does not exist. Code `ERR_NOT_FOUND`. */
export class NotFoundError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NotFoundError', 'ERR_NOT_FOUND', message, details);
  }
}

/** A file or a device may not be opened by this process. Code `ERR_NOT_ALLOWED`. */
export class NotAllowedError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NotAllowedError', 'ERR_NOT_ALLOWED', message, details);
  }
}

/** A source is in use, broken or lost. Code `ERR_MEDIA`. */
export class NotReadableError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NotReadableError', 'ERR_MEDIA', message, details);
  }
}

/** A source took longer to open than its `timeout`. Code `ERR_TIMEOUT`. */
export class TimeoutError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('TimeoutError', 'ERR_TIMEOUT', message, details);
  }
}

/**
 * W3C's OverconstrainedError: a constraint that no device can meet. Code `ERR_OVERCONSTRAINED`.
 *
 * @see https://w3c.github.io/mediacapture-main/#overconstrainederror-interface
 */
export class OverconstrainedError extends CodedError {
  /** The name of the constraint; empty where only all of them together can't be met. */
  readonly constraint: string;

  constructor(constraint: string, message: string, details: ErrorDetails = {}) {
    super('OverconstrainedError', 'ERR_OVERCONSTRAINED', message, details);
    this.constraint = constraint;
  }
}

/** A codec or a format cannot be handled. Code `ERR_NOT_SUPPORTED`. */
export class NotSupportedError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NotSupportedError', 'ERR_NOT_SUPPORTED', message, details);
  }
}

/** A URL or a server cannot be reached. Code `ERR_NETWORK` or `ERR_TIMEOUT`. */
export class NetworkError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NetworkError', 'ERR_NETWORK', message, details);
  }
}

/** An operation failed, or its buffer is full. Code `ERR_MEDIA`, `ERR_BUFFER_FULL` or `ERR_INTERNAL`. */
export class OperationError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('OperationError', 'ERR_INTERNAL', message, details);
  }
}

/** A method or an option that this package does not have. Code `ERR_UNSUPPORTED`. */
export class UnsupportedError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('UnsupportedError', 'ERR_UNSUPPORTED', message, details);
  }
}

/** An operation was given up before its end. Code `ERR_CLOSED`. */
export class AbortError extends CodedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('AbortError', 'ERR_CLOSED', message, details);
  }
}

/** A Worker ended because of a fault in the core. Code `ERR_DIED`; `stack` is the core's. */
export class WorkerDiedError extends CodedError {
  constructor(message: string, stack?: string) {
    super('Error', 'ERR_DIED', message, {});
    if (stack !== undefined) this.stack = `Error: ${message}\n${stack}`;
  }
}

/** An unexpected failure of the core. Code `ERR_INTERNAL`. */
class InternalError extends CodedError {
  constructor(message: string, details: ErrorDetails) {
    super('Error', 'ERR_INTERNAL', message, details);
  }
}

const classes: Record<ErrorName, new (message: string, details: ErrorDetails) => Error> = {
  TypeError: ArgumentError,
  InvalidModificationError,
  InvalidStateError,
  NotFoundError,
  NotAllowedError,
  NotReadableError,
  TimeoutError,
  NotSupportedError,
  NetworkError,
  OperationError,
  UnsupportedError,
  AbortError,
};

/** Makes the error that the core's reply describes, of the class that its name asks for. */
export function errorFromWire({ name, code, message, cause, constraint }: ErrorReply): Error {
  const details = cause ? { code, cause: new Error(cause) } : { code };
  if (name === 'OverconstrainedError') {
    return new OverconstrainedError(constraint ?? '', message, details);
  }
  const ErrorClass = Object.hasOwn(classes, name) ? classes[name as ErrorName] : InternalError;
  return new ErrorClass(message, details);
}

/** Writes a value into an error message: short, on one line, without what is secret in URLs, and never throwing. */
export function describe(value: unknown): string {
  try {
    return inWords(value);
  } catch {
    // A revoked proxy, say, or a getter that throws.
    return `a${typeof value === 'object' ? 'n object' : ` ${typeof value}`} that cannot be read`;
  }
}

function inWords(value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const shown = withoutSecrets(value);
      return shown.length > 120 ? `"${shown.slice(0, 117)}…"` : `"${shown}"`;
    }
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return `an object (${constructorName(value)})`;
    default:
      return String(value);
  }
}

/** A text without the user, the password and what comes after `?` and `#`, if it is a URL, or may be meant for one. */
function withoutSecrets(text: string): string {
  return withoutQuery(withoutUser(text));
}

// The length of a scheme is bounded, and no expression looks at the rest: a long text would take for ever.
function withoutUser(text: string): string {
  const scheme = /[a-z][a-z\d+.-]{0,30}:\/*/i.exec(text);
  const end = text.lastIndexOf('@');
  if (!scheme) return text;
  const start = scheme.index + scheme[0].length;
  return end < start ? text : `${text.slice(0, start)}…${text.slice(end)}`;
}

function withoutQuery(text: string): string {
  const scheme = /[a-z][a-z\d+.-]{0,30}:\/\//i.exec(text);
  if (!scheme) return text;
  const start = scheme.index + scheme[0].length;
  const length = text.slice(start).search(/[?#]/);
  return length < 0 ? text : `${text.slice(0, start + length + 1)}…`;
}

function constructorName(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name ?? 'no prototype';
}
