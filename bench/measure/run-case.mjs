// Runs one case: every client in turn, and that again, so that a ratio compares what ran one after the other.
import { judge } from './judge.mjs';

/**
 * @param {import('../cases/index.mjs').Case} benchmark
 * @param {{ clients: string[], runs: number, quick: boolean, progress: (what: string, seconds: number) => void }} options
 * `progress` hears of each measurement before it begins, with the seconds that it will take
 */
export async function runCase(benchmark, { clients, runs, quick, progress }) {
  const taken = Object.fromEntries(clients.map((client) => [client, []]));
  const failures = [];
  for (let run = 0; run < runs; run++) {
    for (const client of clients) {
      progress(`run ${run + 1} of ${runs}, ${client}`, benchmark.seconds({ client, quick }));
      try {
        taken[client].push(await benchmark.measure({ client, quick }));
      } catch (error) {
        // The others go on, and the runs stay side by side.
        taken[client].push({});
        failures.push(`${benchmark.name}, run ${run + 1}, ${client}: ${error.message}`);
      }
    }
  }
  return {
    runs,
    quick,
    date: new Date().toISOString().slice(0, 10),
    rows: benchmark.rows.map((row) => judge(row, taken)),
    failures,
  };
}
