import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as errors from '../../lib/errors.js';

it('an error of the core becomes the class that its name asks for', () => {
  for (const name of [
    'InvalidStateError',
    'NotFoundError',
    'NotSupportedError',
    'NetworkError',
    'OperationError',
    'UnsupportedError',
    'AbortError',
  ] as const) {
    const error = errors.errorFromWire({ name, code: 'ERR_X', message: 'm', cause: 'deeper' });
    assert.ok(error instanceof errors[name]);
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(error.message, 'm');
    assert.equal((error as Error & { code: string }).code, 'ERR_X');
    assert.equal((error.cause as Error).message, 'deeper');
  }
});

it('a wrong argument is a TypeError, with a code', () => {
  const error = errors.errorFromWire({
    name: 'TypeError',
    code: 'ERR_INVALID_ARGUMENT',
    message: 'kind: expected "audio"',
  });
  assert.ok(error instanceof TypeError);
  assert.equal(String(error), 'TypeError: kind: expected "audio"');
  assert.equal((error as Error & { code: string }).code, 'ERR_INVALID_ARGUMENT');
  assert.equal('cause' in error, false);
});

it('an error of an unknown name is an Error with its code', () => {
  for (const name of ['Error', 'constructor', '__proto__', 'Weird']) {
    const error = errors.errorFromWire({ name, code: 'ERR_INTERNAL', message: 'm' });
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'Error');
    assert.equal((error as Error & { code: string }).code, 'ERR_INTERNAL');
  }
});

it('the stack of a Worker that died is the stack of the core', () => {
  const error = new errors.WorkerDiedError('it broke', 'goroutine 7 [running]:');
  assert.equal(error.code, 'ERR_DIED');
  assert.equal(error.stack, 'Error: it broke\ngoroutine 7 [running]:');
});

it('a value in a message is short and on one line', () => {
  const cases: [unknown, string][] = [
    ['a', '"a"'],
    ['x'.repeat(200), `"${'x'.repeat(117)}…"`],
    ['rtsp://ann:s3cret@host/1?token=s3cret', '"rtsp://…@host/1?…"'],
    ['turn:ann:s3@cret@host', '"turn:…@host"'],
    ['/tmp/http:/ann:s3cret@host', '"/tmp/http:/…@host"'],
    ['http://host/#s3cret', '"http://host/#…"'],
    ['turn:host?transport=udp', '"turn:host?transport=udp"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [1n, '1'],
    [Symbol('s'), 'Symbol(s)'],
    [[1, 2], 'an array of 2'],
    [new Map(), 'an object (Map)'],
    [Object.create(null), 'an object (no prototype)'],
    [(): void => undefined, 'a function'],
  ];
  for (const [value, text] of cases) assert.equal(errors.describe(value), text);
});

it('a value that is long, or that cannot be read, is described all the same', () => {
  // No expression may look at all of it again and again: seconds, for each of these.
  for (const text of ['x', 'a:', '@a:', 'a://', '?a://', '#']) {
    const long = text.repeat(200_000);
    const started = performance.now();
    assert.ok(errors.describe(long).length <= 122);
    assert.ok(performance.now() - started < 1000, text);
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const throwing = Object.defineProperty({}, 'constructor', {
    get: () => {
      throw new Error('mine');
    },
  });
  const nameless = { constructor: { name: Symbol('name') } };
  for (const value of [proxy, Object.create(throwing), Object.create(nameless)] as unknown[]) {
    assert.equal(errors.describe(value), 'an object that cannot be read');
  }
});
