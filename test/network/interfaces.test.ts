// Hosts with several interfaces, of which some lead nowhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Session, join, openNamespace, until } from './session.js';
import type { Direction, Namespace } from './session.js';

const BOTH: Direction[] = ['send', 'recv'];

const left = { mine: '10.77.1.2', address: '10.77.1.1', mine6: 'fd77:1::2', address6: 'fd77:1::1' };
const right = {
  mine: '10.77.2.2',
  address: '10.77.2.1',
  mine6: 'fd77:2::2',
  address6: 'fd77:2::1',
};

/**
 * A client with an interface `left` to one network and `right` to another, `nowhere` to nobody,
 * and `asleep`, which is down.
 */
function openClient(t: TestContext, toLeft: Namespace, toRight: Namespace): Namespace {
  const client = openNamespace(t);
  join(
    { namespace: client, name: 'nowhere', addresses: ['10.77.9.2/24', 'fd77:9::2/64'] },
    { namespace: client, name: 'nobody', addresses: [] },
  );
  for (const [name, namespace, { mine, mine6, address, address6 }] of [
    ['left', toLeft, left],
    ['right', toRight, right],
  ] as const) {
    join(
      { namespace: client, name, addresses: [`${mine}/24`, `${mine6}/64`] },
      { namespace, name, addresses: [`${address}/24`, `${address6}/64`] },
    );
  }
  join(
    { namespace: client, name: 'asleep', addresses: ['10.77.8.2/24'] },
    { namespace: toLeft, name: 'asleep', addresses: ['10.77.8.1/24'] },
  );
  client.ip('link', 'set', 'dev', 'asleep', 'down');
  return client;
}

/** The addresses of an interface: one that leads to a server may be used by each, of which one is of the link alone. */
function addressesOf(client: Namespace, name: string): string[] {
  const [found] = JSON.parse(client.ip('-json', 'address', 'show', 'dev', name)) as {
    addr_info: { local: string }[];
  }[];
  return (found?.addr_info ?? []).map(({ local }) => local);
}

/** Until the server tells that it is reached from an address: it does so some time after the client is connected. */
const isReached = async (session: Session, direction: Direction, from: string[]) =>
  await until(`${direction} from ${from.join(' or ')}`, async () =>
    from.includes((await session.remoteIp(direction)) ?? ''),
  );

/** The same, with the server on both networks. */
function openNetworks(t: TestContext): { server: Namespace; client: Namespace } {
  const server = openNamespace(t);
  return { server, client: openClient(t, server, server) };
}

for (const [side, address, mine] of [
  ['left', left.address, left.mine],
  ['right', right.address, right.mine],
  ['left', left.address6, left.mine6],
  ['right', right.address6, right.mine6],
] as const) {
  test(`of five interfaces the one is used that leads to ${address}`, async (t) => {
    const server = openNamespace(t);
    const other = openNamespace(t);
    const networks = side === 'left' ? ([server, other] as const) : ([other, server] as const);
    const client = openClient(t, ...networks);
    const session = await Session.open({ server, client, listen: [address] });
    await session.flows();
    for (const direction of BOTH) {
      const family = (address: string) => address.includes(':');
      const usable = addressesOf(client, side).filter((one) => family(one) === family(address));
      assert.ok(usable.includes(mine));
      await isReached(session, direction, usable);
      const addresses = await session.localAddresses(direction);
      assert.ok(!addresses.includes('10.77.8.2'), 'an interface that is down has no candidate');
    }
  });
}

test('when the interface in use goes down, a restart of ICE finds another', async (t) => {
  const { server, client } = openNetworks(t);
  const listen = ['10.77.1.1', '10.77.2.1'];
  const session = await Session.open({ server, client, listen });
  await session.flows();
  const interfaces = new Map([
    ['10.77.1.2', 'left'],
    ['10.77.2.2', 'right'],
  ]);
  // Packets flow before the server tells from where.
  let used = '';
  await until('an interface in use', async () => {
    used = (await session.remoteIp('send')) ?? '';
    return interfaces.has(used);
  });
  client.ip('link', 'set', 'dev', interfaces.get(used) ?? 'none', 'down');
  await until('disconnected', () => session.states('send').includes('disconnected'), {
    timeoutMs: 30_000,
  });
  for (const direction of BOTH) {
    await session.restart(direction);
    await isReached(
      session,
      direction,
      [...interfaces.keys()].filter((address) => address !== used),
    );
  }
  await session.flows();
});

test('when the address changes, a restart of ICE uses the new one', async (t) => {
  const { server, client } = openNetworks(t);
  const session = await Session.open({ server, client, listen: ['10.77.1.1'] });
  await session.flows();
  client.ip('address', 'del', '10.77.1.2/24', 'dev', 'left');
  client.ip('address', 'add', '10.77.1.3/24', 'dev', 'left');
  for (const direction of BOTH) {
    await session.restart(direction);
    await isReached(session, direction, ['10.77.1.3']);
  }
  await session.flows();
});

test('an interface that comes later is found by a restart of ICE', async (t) => {
  const server = openNamespace(t);
  const client = openNamespace(t);
  join(
    { namespace: client, name: 'left', addresses: ['10.77.1.2/24'] },
    { namespace: server, name: 'left', addresses: ['10.77.1.1/24'] },
  );
  const session = await Session.open({ server, client, listen: ['10.77.1.1'] });
  await session.flows();
  client.ip('link', 'del', 'dev', 'left');
  join(
    { namespace: client, name: 'later', addresses: ['10.77.1.7/24'] },
    { namespace: server, name: 'later', addresses: ['10.77.1.1/24'] },
  );
  for (const direction of BOTH) {
    await session.restart(direction);
    await isReached(session, direction, ['10.77.1.7']);
  }
  await session.flows();
});

test('an interface that is excluded is not used, though it leads to the server', async (t) => {
  const { server, client } = openNetworks(t);
  const listen = ['10.77.1.1', '10.77.2.1'];
  const settings = { additionalSettings: { excludedInterfaces: ['left', 'nowhere', 'nobody'] } };
  const session = await Session.open({ server, client, listen, settings });
  await session.flows();
  for (const direction of BOTH) {
    await isReached(session, direction, ['10.77.2.2']);
    const addresses = await session.localAddresses(direction);
    assert.ok(
      addresses.every((address) => /^(10\.77\.2\.|fd77:2:|fe80:.*%right$)/.test(address)),
      addresses.join(' '),
    );
  }
});
