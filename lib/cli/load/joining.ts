import type { LoadAdapter, LoadBot, LoadSession } from '../../LoadAdapter.js';

/** A bot's way in: `close()` is for one that fails, too. */
type Visit = LoadSession & { join(): Promise<LoadSession> };

/** An adapter whose bots each have a visit of their own, of which nothing stays where it fails. */
export function adapterOf(open: (bot: LoadBot) => Visit): LoadAdapter {
  return {
    async join(bot) {
      const visit = open(bot);
      try {
        return await visit.join();
      } catch (error) {
        await visit.close();
        throw error;
      }
    },
  };
}
