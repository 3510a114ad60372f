// Opens the demo's page at an address that a person can type again.
import path from 'node:path';

const USUAL_PORT = 8090;

/** Serves the page on the port that was asked for, or else on the usual one, or else on any. */
export async function openPage(room, { host, port, file }, { bot, handlerFactory }) {
  // What bundles the page is loaded only for it.
  const { servePage } = await import('../../demo/server/serve-page.mjs');
  const serve = (onPort) =>
    servePage({
      room,
      bot: { file: path.basename(file), producers: bot.producers },
      handlerFactory,
      host,
      port: onPort,
    });
  try {
    return await serve(port ?? USUAL_PORT);
  } catch (error) {
    if (error.code === 'EADDRINUSE' && port === undefined) return await serve(0);
    throw Object.assign(new Error(`The page could not be served: ${error.message}`), {
      cure: 'give another --port, or --no-page',
    });
  }
}
