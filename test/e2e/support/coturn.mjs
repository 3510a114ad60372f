// A real TURN server on loopback: coturn, with its own configuration, ports and certificate.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort, freeUDPPorts } from './free-port.mjs';

const IP = '127.0.0.1';
const START_LIMIT_MS = 10_000;
// Each allocation has one; coturn passes over those that are taken.
const RELAY_PORTS = 40;

export class Coturn {
  #process;
  #folder;
  #log = '';

  username = 'alice';
  credential = 'long-term';
  port;
  tlsPort;
  /** The ports that the allocations have at the server's side. */
  relayPorts;

  /** `settings` are further ones of turnserver.conf. */
  static async start(settings = {}) {
    const server = new Coturn();
    await server.#prepare(settings);
    await server.restart();
    return server;
  }

  /** The certificate authority that signed the server's certificate, as a file. */
  get authority() {
    return path.join(this.#folder, 'ca.pem');
  }

  get log() {
    return this.#log;
  }

  /** An ICE server of W3C's for 'udp', 'tcp' or 'tls'. */
  iceServer(transport) {
    const { username, credential } = this;
    const urls =
      transport === 'tls'
        ? `turns:${IP}:${this.tlsPort}?transport=tcp`
        : `turn:${IP}:${this.port}?transport=${transport}`;
    return { urls, username, credential };
  }

  /** It is there, and reads nothing any more; for good, until stop(). */
  pause() {
    this.#process.kill('SIGSTOP');
  }

  /** It dies, with all that it had given out. */
  async kill() {
    if (this.#process && this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
  }

  async stop() {
    await this.kill();
    if (this.#folder) fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prepare(more) {
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coturn-'));
    makeCertificate(this.#folder);
    [this.port, this.tlsPort] = [await freePort(), await freePort()];
    const first = await freeUDPPorts(IP, RELAY_PORTS);
    this.relayPorts = { first, last: first + RELAY_PORTS - 1 };
    const settings = {
      'listening-ip': IP,
      'relay-ip': IP,
      'listening-port': this.port,
      'tls-listening-port': this.tlsPort,
      'min-port': this.relayPorts.first,
      'max-port': this.relayPorts.last,
      realm: 'test',
      user: `${this.username}:${this.credential}`,
      cert: path.join(this.#folder, 'cert.pem'),
      pkey: path.join(this.#folder, 'key.pem'),
      pidfile: path.join(this.#folder, 'pid'),
      userdb: path.join(this.#folder, 'db'),
      'log-file': 'stdout',
      ...more,
    };
    const flags = ['lt-cred-mech', 'allow-loopback-peers', 'no-cli', 'no-dtls', 'verbose'];
    const lines = [
      ...flags,
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ];
    fs.writeFileSync(this.#configuration, `${lines.join('\n')}\n`);
  }

  get #configuration() {
    return path.join(this.#folder, 'turnserver.conf');
  }

  /** Begins, also again after its death: on the same ports, with nothing of what it had given out. */
  async restart() {
    await this.kill();
    this.#process = spawn('turnserver', ['-c', this.#configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.#log += text));
    }
    const failed = once(this.#process, 'error').then(([error]) => {
      throw error;
    });
    failed.catch(() => {});
    await Promise.race([failed, this.#answers()]);
  }

  async #answers() {
    const deadline = performance.now() + START_LIMIT_MS;
    for (const port of [this.port, this.tlsPort]) {
      while (!(await accepts(port))) {
        if (performance.now() > deadline || this.#process.exitCode !== null) {
          throw new Error(`coturn does not answer: ${this.#log}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** A certificate authority, and a certificate of it for 127.0.0.1. */
function makeCertificate(folder) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-x509', '-days', '2', '-subj', '/CN=test authority'];
  openssl('req', ...key, ...authority, '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  openssl('req', ...key, '-subj', '/CN=127.0.0.1', '-keyout', 'key.pem', '-out', 'request.pem');
  fs.writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem'],
    ...['-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'cert.pem'],
  );
}

async function accepts(port) {
  const socket = net.connect(port, IP);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
