import { mock } from 'node:test';
import type { TestContext } from 'node:test';
import debug from 'debug';

/** The lines that are logged from now on, until the test ends, instead of being printed: of these namespaces of `debug`. */
export function loggedLines(t: TestContext, namespaces = 'mediasoup-client-aiortc:*'): string[] {
  debug.enable(namespaces);
  const lines: string[] = [];
  const write = mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
  t.after(() => {
    write.mock.restore();
    debug.disable();
  });
  return lines;
}
