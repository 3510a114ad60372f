/** The port of a thread as Rpc wants a channel. */
export function channelOf(port) {
  return {
    connected: true,
    on: (event, listener) => port.on(event === 'disconnect' ? 'exit' : event, listener),
    send: (message) => port.postMessage(message),
  };
}
