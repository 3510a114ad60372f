// A PulseAudio of a test's own: a sink that goes nowhere with a tone playing into it, whose monitor is the microphone.
import path from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../../e2e/session.js';
import { folder, setEnvironment, start, succeeds } from './program.js';

/** The name of the one microphone. */
export const monitor = 'speaker.monitor';

/** Starts it and makes it this process's. `hertz` is the tone's. */
export async function startPulse(t: TestContext, hertz = 440) {
  const home = await folder(t);
  const socket = path.join(home, 'native');
  setEnvironment(t, {
    PULSE_SERVER: `unix:${socket}`,
    PULSE_COOKIE: path.join(home, 'cookie'),
  });
  const daemon = start(
    t,
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disallow-exit'],
      ...['--high-priority=no', '--realtime=no', '--log-target=stderr'],
      ...['-L', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
      ...['-L', 'module-null-sink sink_name=speaker rate=48000'],
      ...['-L', `module-sine sink=speaker frequency=${hertz}`],
    ],
    {
      env: {
        HOME: home,
        XDG_RUNTIME_DIR: home,
        PULSE_RUNTIME_PATH: home,
        PULSE_STATE_PATH: home,
        DBUS_SESSION_BUS_ADDRESS: 'disabled:',
      },
    },
  );
  await until('a PulseAudio that answers', () => succeeds('pactl', ['info']), {
    timeoutMs: 30_000,
    everyMs: 100,
  });
  return daemon;
}
