// The demo's command line.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo -- [options]

Starts a real mediasoup server on this machine, sends a file's video and sound
and data messages through it, receives them back, and shows what passes.

  --file <path>     media file to send, any that FFmpeg reads
                    (default: colour bars and a 440 Hz tone, made by the set-up)
  --seconds <n>     how long, 1 to 3600 (default 20)
  --codec <name>    video codec: vp8, vp9 or h264 (default vp8)
  --count <n>       how many bots send the file at once, 1 to 50 (default 1)
  --help            this text

It ends by itself: 0 if all that was sent arrived, 1 if not, 2 for a bad option.`;

const CODECS = ['vp8', 'vp9', 'h264'];

export class OptionError extends Error {
  name = 'OptionError';
  cure = 'npm run demo -- --help tells the options';
}

/** @param {string[]} args */
export function readOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        file: { type: 'string' },
        seconds: { type: 'string', default: '20' },
        codec: { type: 'string', default: 'vp8' },
        count: { type: 'string', default: '1' },
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
  return {
    help: values.help,
    file: values.file === undefined ? undefined : mediaFile(values.file),
    seconds: wholeNumber('--seconds', values.seconds, 1, 3600),
    codec,
    count: wholeNumber('--count', values.count, 1, 50),
  };
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
