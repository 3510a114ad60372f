/**
 * `additionalSettings` of `device.createSendTransport()` and `device.createRecvTransport()`: W3C's
 * RTCConfiguration, and what Node.js needs beside it.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcconfiguration-dictionary
 */
export type AdditionalSettings = Partial<RTCConfiguration> & {
  /** Browsers want it for `createEncodedStreams()`, which is there without it as well. */
  encodedInsertableStreams?: boolean;
  /** Names of network interfaces (`docker0`) that ICE does not use. */
  excludedInterfaces?: string[];
  /**
   * What SRTP may be protected by, in IANA's names. Default: `SRTP_AEAD_AES_128_GCM`,
   * `SRTP_AEAD_AES_256_GCM` and `SRTP_AES128_CM_HMAC_SHA1_80`, which are all that there are.
   */
  srtpProfiles?: string[];
};
