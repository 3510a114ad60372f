// The package.json of each published package, made from the one of the repository.
import fs from 'node:fs';
import { inProject } from '../lib/project.mjs';
import { platformNames } from '../lib/target.mjs';

const own = () => JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8'));

export const platformPackageName = (platform) => `${own().name}-${platform}`;

/** What only the repository has use for. */
const NOT_PUBLISHED = ['scripts', 'devDependencies', 'private', 'gypfile'];

/**
 * The main package: JavaScript and types. The packages of the platforms are named here and not in the repository,
 * where they would have to be published before they could be built.
 */
export function mainManifest() {
  const manifest = own();
  for (const field of NOT_PUBLISHED) delete manifest[field];
  manifest.optionalDependencies = Object.fromEntries(
    platformNames.map((platform) => [platformPackageName(platform), manifest.version]),
  );
  return manifest;
}

export const platformFiles = (platform) => [
  'mscp.node',
  platform.startsWith('win32-') ? 'libmscp.dll' : 'libmscp.so',
  'README.md',
  'LICENSE',
  'THIRD_PARTY_LICENSES',
  'sbom.cdx.json',
];

/** The native code for one platform. */
export function platformManifest(platform) {
  const { version, engines, keywords, repository, homepage, bugs, author } = own();
  const [os, cpu] = platform.split('-');
  return {
    name: platformPackageName(platform),
    version,
    description: `The native code of mediasoup-client-pion for ${os} on ${cpu}`,
    // FFmpeg's, which it is linked with; what is this project's own is under the ISC license.
    license: 'LGPL-3.0-or-later',
    keywords,
    author,
    repository,
    homepage,
    bugs,
    main: './mscp.node',
    files: platformFiles(platform),
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' && { libc: ['glibc'] }),
    engines,
    // A library cannot be loaded out of an archive.
    preferUnplugged: true,
  };
}
