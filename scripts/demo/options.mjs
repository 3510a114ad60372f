// The demo's command line.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo -- [options]

Starts a real mediasoup server on this machine, sends a file's video and sound
and data messages through it, receives them back, and shows what passes. On a
terminal it also serves a page: a browser that opens it joins the room.

  --file <path>     media file to send, any that FFmpeg reads
                    (default: colour bars and a 440 Hz tone, made by the set-up)
  --seconds <n>     how long, 1 to 3600 (default 20; with the page, until Ctrl+C)
  --codec <name>    video codec: vp8, vp9 or h264 (default vp8)
  --count <n>       how many bots send the file at once, 1 to 50 (default 1)
  --page            serve the page where there is no terminal, too
  --no-page         serve no page
  --host <address>  of this machine, to listen on (default 127.0.0.1, which no
                    other machine reaches)
  --port <n>        of the page, 0 for any that is free (default 8090, or any
                    that is free if that is taken)
  --screenshots     make those of docs/images anew, with Chromium, and end
  --help            this text

It ends by itself: 0 if all that was sent arrived, 1 if not, 2 for a bad option.`;

const CODECS = ['vp8', 'vp9', 'h264'];

export class OptionError extends Error {
  name = 'OptionError';
  cure = 'npm run demo -- --help tells the options';
}

/** @param {string[]} args */
export function readOptions(args, { terminal = Boolean(process.stdout.isTTY) } = {}) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        file: { type: 'string' },
        seconds: { type: 'string' },
        codec: { type: 'string', default: 'vp8' },
        count: { type: 'string', default: '1' },
        page: { type: 'boolean' },
        'no-page': { type: 'boolean' },
        screenshots: { type: 'boolean', default: false },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new OptionError(error.message.split('. ')[0]);
  }
  const codec = values.codec.toLowerCase();
  if (!CODECS.includes(codec)) {
    throw new OptionError(`--codec: expected ${CODECS.join(', ')}, got ${values.codec}`);
  }
  if (values.page && values['no-page']) {
    throw new OptionError('expected --page or --no-page, got both');
  }
  // Where output goes to a pipe or a log nobody is there to open a page.
  const page = values.page ?? (!values['no-page'] && terminal);
  return {
    help: values.help,
    file: values.file === undefined ? undefined : mediaFile(values.file),
    seconds:
      values.seconds === undefined
        ? defaultSeconds(page)
        : wholeNumber('--seconds', values.seconds, 1, 3600),
    codec,
    count: wholeNumber('--count', values.count, 1, 50),
    page,
    screenshots: values.screenshots,
    host: ownAddress(values.host),
    port: values.port === undefined ? undefined : wholeNumber('--port', values.port, 0, 65535),
  };
}

function defaultSeconds(page) {
  return page ? Infinity : 20;
}

/** The media server names the address that it listens on to browsers: 0.0.0.0 would lead them nowhere. */
function ownAddress(host) {
  const own = Object.values(os.networkInterfaces())
    .flat()
    .filter(({ scopeid }) => !scopeid)
    .map(({ address }) => address);
  if (own.includes(host)) return host;
  throw new OptionError(
    `--host: expected an address of this machine (${own.join(', ')}), got ${host}`,
  );
}

function wholeNumber(name, text, lowest, highest) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new OptionError(
      `${name}: expected a whole number from ${lowest} to ${highest}, got ${text}`,
    );
  }
  return value;
}

function mediaFile(name) {
  const file = path.resolve(name);
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (!found) throw new OptionError(`--file: there is no file ${file}`);
  if (!found.isFile()) throw new OptionError(`--file: ${file} is not a file`);
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch {
    throw new OptionError(`--file: ${file} may not be read by this user`);
  }
  return file;
}
