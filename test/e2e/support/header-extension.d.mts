export function headerExtension(packet: Buffer, id: number): Buffer | undefined;
