// The server of the bots, in the network of a machine. It ends with the process that forked it.
import { serveBots } from '../../../demo/server/serve-bots.mjs';
import { createRoom } from '../../e2e/support/room.mjs';

const [ip] = process.argv.slice(2);
const room = await createRoom({ ip });
const { url } = await serveBots({ room, host: ip, port: 8090 });
process.on('disconnect', () => process.exit());
process.send(url);
