import type { Room } from './room.mjs';

/** Serves a room to other processes over HTTP on loopback: `POST <url>/<method>`, JSON in and out. */
export function serveRoom(
  room: Room,
  options?: { port?: number },
): Promise<{ url: string; close(): Promise<void> }>;
