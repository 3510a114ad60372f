import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import debug from 'debug';
import { Logger } from '../../lib/Logger.js';

function namespacesOf(prefix?: string): string[] {
  debug.enable('mediasoup-client-aiortc*');
  const lines: string[] = [];
  const write = mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
  const print = mock.method(process.stdout, 'write', (line: string) => lines.push(line) > 0);
  try {
    const logger = new Logger(prefix);
    logger.debug('one %s', 1);
    logger.warn('two');
    logger.error('three');
  } finally {
    write.mock.restore();
    print.mock.restore();
    debug.disable();
  }
  return lines.map((line) => /mediasoup-client-aiortc\S*/.exec(line)?.[0] ?? line);
}

it('log lines have the namespaces of mediasoup-client-aiortc', () => {
  assert.deepEqual(namespacesOf(), [
    'mediasoup-client-aiortc',
    'mediasoup-client-aiortc:WARN',
    'mediasoup-client-aiortc:ERROR',
  ]);
  assert.deepEqual(namespacesOf('Worker'), [
    'mediasoup-client-aiortc:Worker',
    'mediasoup-client-aiortc:WARN:Worker',
    'mediasoup-client-aiortc:ERROR:Worker',
  ]);
});

it('nothing is printed unless DEBUG asks for it', () => {
  debug.disable();
  const write = mock.method(process.stderr, 'write', () => assert.fail('printed'));
  try {
    new Logger('x').error('quiet');
  } finally {
    write.mock.restore();
  }
});
