/**
 * `additionalSettings` of `device.createSendTransport()` and `device.createRecvTransport()`: W3C's
 * RTCConfiguration, and what Node.js needs beside it.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcconfiguration-dictionary
 */
export type AdditionalSettings = Partial<RTCConfiguration> & {
  /** Names of network interfaces (`docker0`) that ICE does not use. */
  excludedInterfaces?: string[];
};
