import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OutgoingMessages, byteLength } from '../../lib/OutgoingMessages.js';

type Sent = string | ArrayBuffer | ArrayBufferView;

function text(message: Sent): string {
  if (typeof message === 'string') return message;
  return ArrayBuffer.isView(message)
    ? Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString()
    : Buffer.from(message).toString();
}

function record(): { sent: string[]; failed: Error[]; messages: OutgoingMessages } {
  const sent: string[] = [];
  const failed: Error[] = [];
  const messages = new OutgoingMessages(
    (message) => sent.push(text(message)),
    (error) => failed.push(error),
  );
  return { sent, failed, messages };
}

const emptied = (messages: OutgoingMessages): Promise<void> =>
  new Promise((resolve) => {
    messages.whenEmpty(resolve);
  });

describe('OutgoingMessages', () => {
  it('sends at once while nothing waits', () => {
    const { sent, messages } = record();
    messages.add('a');
    messages.add(Buffer.from('b'));
    assert.deepEqual(sent, ['a', 'b']);
    assert.equal(messages.bytes, 0);
  });

  it('keeps the order when Blobs are between, and counts the bytes that wait', async () => {
    const { sent, messages } = record();
    messages.add('1');
    messages.add(new Blob(['22']));
    messages.add('333');
    messages.add(new Blob([]));
    messages.add(new Uint16Array([0x3434, 0x3434]));
    assert.deepEqual(sent, ['1']);
    assert.equal(messages.bytes, 9);
    await emptied(messages);
    assert.deepEqual(sent, ['1', '22', '333', '', '4444']);
    assert.equal(messages.bytes, 0);
  });

  it('takes the bytes at the time of the call', async () => {
    const { sent, messages } = record();
    const buffer = Buffer.from('before');
    const view = new Uint8Array(Buffer.from('[inner]')).subarray(1, 6);
    messages.add(new Blob(['blob']));
    messages.add(buffer);
    messages.add(view);
    buffer.write('after!');
    view.fill(0);
    await emptied(messages);
    assert.deepEqual(sent, ['blob', 'before', 'inner']);
  });

  it('tells of a Blob that cannot be read', async () => {
    const { failed, messages } = record();
    const blob = new Blob(['x']);
    blob.arrayBuffer = () => Promise.reject(new Error('gone'));
    const told = emptied(messages);
    messages.add(blob);
    await told;
    await new Promise(setImmediate);
    assert.deepEqual(
      failed.map(({ message }) => message),
      ['gone'],
    );
  });

  it('forgets what waits when it is cleared', async () => {
    const { sent, messages } = record();
    messages.add(new Blob(['a']));
    messages.add('b');
    messages.clear();
    await new Promise(setImmediate);
    assert.deepEqual(sent, []);
    assert.equal(messages.bytes, 0);
  });
});

it('byteLength() counts UTF-8', () => {
  assert.equal(byteLength('é€😀'), 9);
  assert.equal(byteLength(new DataView(new ArrayBuffer(8), 2, 3)), 3);
  assert.equal(byteLength(new Blob(['é'])), 2);
});
