// What the bot says. Answers are short: it is there to show that messages pass both ways.
const MAX_CHARACTERS = 500;

const COMMANDS = new Map(
  Object.entries({
    help: () => 'I know: help, file, stats, time. Anything else I say back.',
    file: ({ file }) => `I send ${file}, over and over.`,
    stats: async ({ producers }) => (await Promise.all(producers.map(sentBy))).join(' '),
    time: () => `It is ${new Date().toLocaleTimeString('en-GB')} where I run.`,
  }),
);

/**
 * @param {unknown} message as a data consumer gives it: text or bytes of anyone's making
 * @param {{ file: string, producers: object[] }} bot
 */
export async function answerTo(message, bot) {
  if (typeof message !== 'string') return 'I only read text.';
  const text = message.trim();
  if (text.length > MAX_CHARACTERS) return `That is more than ${MAX_CHARACTERS} characters.`;
  const command = COMMANDS.get(text.toLowerCase().replace(/\W+$/, ''));
  return command ? await command(bot) : `You said: ${text}`;
}

/** The same statistics that a browser has. */
async function sentBy(producer) {
  const stats = [...(await producer.getStats()).values()];
  const { packetsSent = 0, bytesSent = 0 } =
    stats.find(({ type }) => type === 'outbound-rtp') ?? {};
  const megabytes = (bytesSent / 1e6).toFixed(1);
  return `Sent as ${producer.kind}: ${packetsSent.toLocaleString('en-US')} packets, ${megabytes} MB.`;
}
