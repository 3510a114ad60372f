// Servers of the user's own: a module that joins them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openRoom } from '../e2e/session.js';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { folderOf, load, start } from './support.js';

const modules = path.join(import.meta.dirname, 'rest-adapter.mjs');

describe('an adapter of a module', () => {
  it('lets bots join a server of its own kind', async (t) => {
    const room = await openRoom(t);
    const served = await serveRoom(room);
    t.after(() => served.close());
    const running = start([
      ...[served.url, '--adapter', modules, '--bots', '3', '--ramp', '1', '--duration', '600'],
      ...['--no-video', '--threshold', 'joined>=3'],
    ]);
    await running.tells(
      'all hear each other',
      ({ joined, consumers, kbitsReceived }) =>
        joined === 3 && consumers === 6 && kbitsReceived > 0,
    );
    running.kill('SIGINT');
    const { status, summary } = await running.ended;
    assert.equal(status, 0, JSON.stringify(summary));
    assert.equal(summary.counts.joined, 3);
    assert.equal(room.server.transports.size, 0);
  });

  it('hears which bot it is, in which room, and what was given for it', async (t) => {
    const file = path.join(folderOf(t), 'adapter.mjs');
    fs.writeFileSync(
      file,
      `export default {
        async join({ url, index, name, room, produces, consumes, data, options }) {
          throw new Error(JSON.stringify({ url, index, name, room, produces, consumes, data, options }));
        },
      };`,
    );
    const { summary } = await load([
      ...['http://127.0.0.1:9/', '--adapter', file, '--bots', '4', '--ramp', '0', '--no-video'],
      ...['--pods', '2', '--pod', '1', '--name', 'guest', '--room', 'stage', '--rooms', '2'],
      ...['--produce', '0', '--data', '1', '--adapter-option', 'token=a=b'],
    ]);
    const told = Object.keys(summary.errors)
      .map((error) => JSON.parse(error.replace('join: ', '')) as { index: number })
      .sort((one, other) => one.index - other.index);
    const all = {
      ...{ url: 'http://127.0.0.1:9/', produces: false, consumes: true, data: true },
      options: { token: 'a=b' },
    };
    assert.deepEqual(told, [
      { ...all, index: 2, name: 'guest-2', room: 'stage-0' },
      { ...all, index: 3, name: 'guest-3', room: 'stage-1' },
    ]);
  });

  for (const [name, text, words] of [
    ['that can not join', 'export default {};', /no method join/],
    ['that is no module', 'export default {', /SyntaxError|Unexpected end/],
    ['that throws', 'throw new Error("no licence");', /no licence/],
  ] as const) {
    it(`${name} is told of`, async (t) => {
      const file = path.join(folderOf(t), 'adapter.mjs');
      fs.writeFileSync(file, text);
      const { status, stderr } = await load([
        'http://127.0.0.1:9/',
        '--adapter',
        file,
        '--no-video',
      ]);
      assert.equal(status, 1);
      assert.match(stderr, words);
    });
  }

  it('that fails where nobody waits, or closes badly, does not take the others with it', async (t) => {
    const file = path.join(folderOf(t), 'adapter.mjs');
    fs.writeFileSync(
      file,
      `export default {
        async join(bot) {
          if (bot.index === 1) throw new Error('not on my watch');
          Promise.reject(new Error('nobody waits'));
          return { close() { throw new Error('the door is stuck'); } };
        },
      };`,
    );
    const running = start([
      ...['http://127.0.0.1:9/', '--adapter', file, '--bots', '3', '--ramp', '0'],
      ...['--duration', '600', '--no-video', '--threshold', 'failed<=1'],
    ]);
    await running.tells('two are in', ({ joined, failed }) => joined === 2 && failed === 1);
    running.kill('SIGINT');
    const { status, summary } = await running.ended;
    assert.equal(status, 0);
    assert.deepEqual(summary.errors, {
      'join: not on my watch': 1,
      'unhandled: nobody waits': 2,
      'leave: the door is stuck': 2,
    });
  });
});
