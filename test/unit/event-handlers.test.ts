import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EventHandlers } from '../../lib/EventHandlers.js';

it('a handler is called with the target as this, and keeps its place when it is replaced', () => {
  const target = new EventTarget();
  const handlers = new EventHandlers(target);
  const calls: string[] = [];
  handlers.set('ping', function (this: EventTarget) {
    calls.push(this === target ? 'first' : 'wrong this');
  });
  target.addEventListener('ping', () => calls.push('listener'));
  target.dispatchEvent(new Event('ping'));
  handlers.set('ping', () => calls.push('second'));
  target.dispatchEvent(new Event('ping'));
  assert.deepEqual(calls, ['first', 'listener', 'second', 'listener']);
});

it('null and what is not a function take the handler away', () => {
  const target = new EventTarget();
  const handlers = new EventHandlers(target);
  for (const nothing of [null, 'text' as unknown as null]) {
    handlers.set('ping', () => assert.fail('called'));
    handlers.set('ping', nothing);
    target.dispatchEvent(new Event('ping'));
    assert.equal(handlers.get('ping'), null);
  }
});
