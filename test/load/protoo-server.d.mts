import type { Room } from '../e2e/support/room.mjs';

export function serveProtoo(options: {
  room: Pick<Room, 'server'>;
  dialect: 'newest' | 'older';
  heard?: (method: string, data: Record<string, unknown>) => void;
}): Promise<{ url: string; readonly peers: number; close(): Promise<void> }>;
