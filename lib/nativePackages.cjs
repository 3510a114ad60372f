// Published as it is written: @vercel/nft, which collects the files of an app, follows a `createRequire` of what is named
// `module`, and bundlers leave it alone, where they would read the native code as source.
'use strict';

/** What loads each platform's package, as `from` has it. */
exports.packagesFor = function packagesFor(module, from) {
  const load = module.createRequire(from);
  return {
    'linux-x64': {
      manifest: () => load('mediasoup-client-pion-linux-x64/package.json'),
      addon: () => load('mediasoup-client-pion-linux-x64/mscp.node'),
    },
    'linux-arm64': {
      manifest: () => load('mediasoup-client-pion-linux-arm64/package.json'),
      addon: () => load('mediasoup-client-pion-linux-arm64/mscp.node'),
    },
    'win32-x64': {
      manifest: () => load('mediasoup-client-pion-win32-x64/package.json'),
      addon: () => load('mediasoup-client-pion-win32-x64/mscp.node'),
    },
  };
};
