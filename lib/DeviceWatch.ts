import { Bridge } from './bridge.js';
import { Logger } from './Logger.js';
import { Event, Method } from './wire.js';
import type { DeviceInfo } from './wire.js';

const logger = new Logger('MediaDevices');

/** Lists the devices of the machine, on a handle that lives no longer than that. */
export async function listDevices(): Promise<DeviceInfo[]> {
  const bridge = Bridge.open();
  const { handle } = await bridge.request(0, Method.EnvironmentDevices, { watch: false });
  bridge.listen(handle, {});
  try {
    const { devices } = await bridge.request(handle, Method.DevicesList, {});
    return devices;
  } finally {
    close(bridge, handle);
  }
}

/** Hears of devices that come and go, until `close()`. It does not keep the process alive. */
export class DeviceWatch {
  readonly #bridge = Bridge.open();
  readonly #handle: Promise<number>;

  constructor(changed: () => void) {
    this.#handle = this.#open(changed);
    this.#handle.catch((error: unknown) => {
      logger.warn('devices are not watched: %s', (error as Error).message);
    });
  }

  close(): void {
    this.#handle.then(
      (handle) => {
        close(this.#bridge, handle);
      },
      () => undefined,
    );
  }

  async #open(changed: () => void): Promise<number> {
    const { handle } = await this.#bridge.request(0, Method.EnvironmentDevices, { watch: true });
    this.#bridge.listen(handle, {
      event: (...[event]) => {
        if (event === Event.DevicesChanged) changed();
      },
    });
    return handle;
  }
}

function close(bridge: Bridge, handle: number): void {
  bridge.request(handle, Method.DevicesClose, {}).catch((error: unknown) => {
    logger.debug('devices were closed before: %s', (error as Error).message);
  });
}
