/** A real TURN server on loopback, with the user `username` and a certificate of its own authority. */
export class Coturn {
  readonly username: string;
  readonly credential: string;
  readonly port: number;
  readonly tlsPort: number;
  /** The ports that its allocations have at the server's side. */
  readonly relayPorts: { first: number; last: number };
  /** The certificate of the authority, as a file. */
  readonly authority: string;
  /** All that it has logged. */
  readonly log: string;
  /** `settings` are further ones of turnserver.conf. */
  static start(settings?: Record<string, string | number>): Promise<Coturn>;
  iceServer(transport: 'udp' | 'tcp' | 'tls'): {
    urls: string;
    username: string;
    credential: string;
  };
  /** It is there, and reads nothing any more; for good, until stop(). */
  pause(): void;
  /** It dies, with all that it had given out. */
  kill(): Promise<void>;
  /** Begins again, on the same ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}
