import type { Codec } from '../wire.js';

/** What tells a codec apart from others of its name: profile, packetization mode, channels. */
export function codecVariant({ parameters, channels }: Codec): string {
  const named = new Map(
    parameters.split(';').map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value];
    }),
  );
  const profile = named.get('profile-id');
  return [
    named.get('profile-level-id') ?? (profile === undefined ? '' : `profile ${profile}`),
    named.get('packetization-mode') === '0' ? 'mode 0' : '',
    channels > 2 ? `${channels} channels` : '',
  ]
    .filter(Boolean)
    .join(' ');
}
