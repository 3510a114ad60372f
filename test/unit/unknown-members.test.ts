import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import type { TestContext } from 'node:test';
import debug from 'debug';
import type { HandlerSendOptions } from 'mediasoup-client/types';
import { parseSendOptions } from '../../handler/sendOptions.js';
import { createFactory, createWorker } from '../../lib/index.js';

/** What is logged at 'warn' until the test ends. */
function warnings(t: TestContext): string[] {
  debug.enable('mediasoup-client-aiortc:WARN*');
  const lines: string[] = [];
  const write = mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
  t.after(() => {
    write.mock.restore();
    debug.disable();
  });
  return lines;
}

it('what nothing reads is named by a warning, and refuses nothing', async (t) => {
  const lines = warnings(t);
  const worker = await createWorker({ logLevel: 'none', loglevel: 'debug' } as never);
  worker.createHandlerFactory({ forced: {} } as never);
  createFactory('none', { foo: 1 } as never);
  const codecOptions = { opusStereo: true, opusDTX: true, videoGoogleStartBitrate: 500 };
  parseSendOptions({ track: { kind: 'audio' }, codecOptions } as unknown as HandlerSendOptions);
  worker.close();
  const named = ['settings.loglevel', 'options.forced', 'options.foo', 'codecOptions.opusDTX'];
  assert.equal(lines.length, named.length, lines.join(''));
  for (const [index, name] of named.entries()) {
    assert.match(lines[index] ?? '', new RegExp(`${name} is ignored: expected `));
  }
});

it('what is read is not warned of', async (t) => {
  const lines = warnings(t);
  const worker = await createWorker({ logLevel: 'none' });
  worker.createHandlerFactory({ forcedRtpExtensions: {} });
  createFactory('none', {});
  worker.close();
  assert.deepEqual(lines, []);
});
