// What passes a server-side producer or consumer, seen by the server itself.

/**
 * Resolves to the performance.now() at which the server told of the first RTP packet that it took from a producer or
 * sent to a consumer. Call it in a room server's 'producer' or 'consumer' event to miss none. The 'keyframe' trace
 * stays on afterwards.
 * @param {import('mediasoup').types.Producer | import('mediasoup').types.Consumer} object
 * @returns {Promise<number>}
 */
export function firstPacket(object) {
  return new Promise((resolve, reject) => {
    const taken = ({ type }) => {
      if (type !== 'rtp' && type !== 'keyframe') return;
      object.off('trace', taken);
      resolve(performance.now());
      // A trace of every packet costs; the first was all that was asked for.
      object.enableTraceEvent(['keyframe']).catch(() => {});
    };
    object.on('trace', taken);
    object.on('transportclose', () => reject(new Error('closed before the first packet')));
    object.enableTraceEvent(['rtp', 'keyframe']).catch(reject);
  });
}

/** Counts keyframes from now on, while the object's 'keyframe' trace is on. */
export function countKeyframes(object) {
  const counter = { count: 0 };
  object.on('trace', ({ type }) => {
    if (type === 'keyframe') counter.count++;
  });
  return counter;
}
