import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { HandlerSendOptions } from 'mediasoup-client/types';
import { parseSendOptions } from '../../handler/sendOptions.js';
import { createFactory, createWorker } from '../../lib/index.js';
import { loggedLines } from '../e2e/support/logged-lines.js';

const WARNINGS = 'mediasoup-client-aiortc:WARN*';

it('what nothing reads is named by a warning, and refuses nothing', async (t) => {
  const lines = loggedLines(t, WARNINGS);
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
  const lines = loggedLines(t, WARNINGS);
  const worker = await createWorker({ logLevel: 'none' });
  worker.createHandlerFactory({ forcedRtpExtensions: {} });
  createFactory('none', {});
  worker.close();
  assert.deepEqual(lines, []);
});
