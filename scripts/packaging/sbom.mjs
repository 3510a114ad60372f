// The bill of materials of a platform package, as CycloneDX: what is linked into it, of which version and licence.
import { createHash } from 'node:crypto';
import { components } from './components.mjs';

const licensesOf = (license) =>
  license.includes(' ') ? [{ expression: license }] : [{ license: { id: license } }];

function entry({ name, version, license, purl, source, parts = [] }) {
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    licenses: licensesOf(license),
    purl,
    ...(source && {
      hashes: [{ alg: 'SHA-256', content: source.sha256 }],
      properties: [{ name: 'mediasoup-client-pion:source', value: source.file }],
    }),
    ...(parts.length > 0 && { components: parts.map(entry) }),
  };
}

/**
 * @param manifest - Of the platform package.
 * @param target - The platform.
 * @returns The document, the same for the same parts.
 */
export function sbom({ name, version, license }, target) {
  const all = components(target);
  const refOf = new Map(all.map((component) => [component.name, component.purl]));
  const purl = `pkg:npm/${name}@${version}`;
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': purl,
        name,
        version,
        licenses: licensesOf(license),
        purl,
      },
    },
    components: all.map(entry),
    dependencies: [
      { ref: purl, dependsOn: all.map((component) => component.purl) },
      ...all.map(({ purl: ref, needs = [] }) => ({
        ref,
        dependsOn: needs.map((need) => refOf.get(need)),
      })),
    ],
  };
  return { ...content, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}` };
}

/** A UUID that is made of a hash (RFC 9562, version 8). */
function uuidOf(text) {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
