import { errorFromWire } from './errors.js';
import { ErrorCode, Limit, Status } from './wire.js';
import type { WireError } from './wire.js';

type Refusal = { name: string; code: string; message: string };

const internal: Refusal = {
  name: 'Error',
  code: ErrorCode.Internal,
  message: 'the core failed',
};

const stale: Refusal = {
  name: 'InvalidStateError',
  code: ErrorCode.StaleHandle,
  message: 'it is closed',
};

const refusals: Readonly<Record<number, Refusal>> = {
  [Status.StaleHandle]: stale,
  [Status.WrongKind]: {
    name: 'TypeError',
    code: ErrorCode.InvalidArgument,
    message: 'it is of a kind that does not do this',
  },
  [Status.BadArgument]: {
    name: 'TypeError',
    code: ErrorCode.InvalidArgument,
    message: 'the arguments are wrong',
  },
  [Status.Closed]: {
    name: 'InvalidStateError',
    code: ErrorCode.Closed,
    message: 'the environment is closed',
  },
  [Status.TooLarge]: {
    name: 'TypeError',
    code: ErrorCode.MessageTooLarge,
    message: 'the message is too large',
  },
  [Status.BufferFull]: {
    name: 'OperationError',
    code: ErrorCode.BufferFull,
    message: 'the send buffer is full',
  },
  [Status.Panic]: { ...internal, message: 'the core recovered from a fault' },
  [Status.InvalidState]: {
    name: 'InvalidStateError',
    code: ErrorCode.InvalidState,
    message: 'it is not open',
  },
  [Status.Failed]: { ...internal, name: 'OperationError' },
};

/** Where a request says more than other calls. */
const refusalsOfRequests: typeof refusals = {
  ...refusals,
  [Status.TooLarge]: {
    name: 'TypeError',
    code: ErrorCode.MessageTooLarge,
    message: `the arguments take more than ${Limit.Body} bytes as JSON`,
  },
  [Status.BufferFull]: {
    name: 'OperationError',
    code: ErrorCode.Limit,
    message:
      `${Limit.Requests} requests are under way in this thread, or ${Limit.RequestBytes} bytes ` +
      'of them and their answers: wait for some of them first',
  },
};

/** The error of a call into the core that was refused at once. */
export const statusError = (status: number, action: string): Error =>
  errorOf(refusals, status, action);

/** The same of a request. */
export const requestError = (status: number, method: string, handle: number): Error =>
  status === Status.StaleHandle
    ? staleError(method)
    : errorOf(refusalsOfRequests, status, `${method} of handle ${handle}`);

/** The error that the core answers: without words it is that of a handle which was closed as its request came up. */
export const replyError = (refusal: WireError, method: string): Error =>
  refusal.code === ErrorCode.StaleHandle && refusal.message === ''
    ? staleError(method)
    : errorFromWire(refusal);

/** Apps know no handles, but what one stood for: the sender of `SenderGetStats`. */
function staleError(method: string): Error {
  const [owner = method] = /^(?:CodedTrack|[A-Z][a-z]+)/.exec(method) ?? [];
  const words = owner.replace(/(?<=[a-z])(?=[A-Z])/, ' ').toLowerCase();
  return errorFromWire({ ...stale, message: `${method}: the ${words} is closed` });
}

function errorOf(all: typeof refusals, status: number, action: string): Error {
  const { name, code, message } = all[status] ?? internal;
  return errorFromWire({ name, code, message: `${action}: ${message}` });
}
