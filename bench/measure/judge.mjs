// What the runs of a case give: medians, spreads, ratios within a run, and whether a row reaches what it is to reach.
import { median } from './statistics.mjs';

/**
 * A row of the table. `key` names one of the numbers that a case measures for each client.
 * @typedef {{
 *   key: string,
 *   what: string,
 *   unit?: string,
 *   digits?: number,
 *   inChart?: boolean,
 *   reach?: ({ atMost: number } | { atLeast: number }) & { of?: string },
 * }} Row `inChart`: it is shown there alone. With `of`, the reach is a multiple of that client's number in the same run
 */

/**
 * @typedef {{ median: number, lowest: number, highest: number }} Spread
 * @typedef {Row & {
 *   unit: string,
 *   digits: number,
 *   clients: Record<string, Spread>,
 *   ratio?: Spread,
 *   met?: boolean,
 * }} Judged `met` is left out where there is nothing to reach or to compare with
 */

/** @param {number[]} values @returns {Spread} */
const spreadOf = (values) => ({
  median: median(values),
  lowest: Math.min(...values),
  highest: Math.max(...values),
});

/**
 * @param {Row} row
 * @param {Record<string, Record<string, number>[]>} runs what each client gave, run by run
 * @returns {Judged}
 */
export function judge({ key, what, unit = '', digits = 1, inChart = false, reach }, runs) {
  /** @type {Record<string, Spread>} */
  const clients = {};
  for (const [client, numbers] of Object.entries(runs)) {
    const values = numbers.map((each) => each[key]).filter(Number.isFinite);
    if (values.length > 0) clients[client] = spreadOf(values);
  }
  const row = { key, what, unit, digits, inChart, ...(reach && { reach }), clients };
  if (!clients.ours || !reach) return row;
  if (!reach.of) return { ...row, met: reaches(clients.ours.median, reach) };

  const ratios = (runs[reach.of] ?? [])
    .map((numbers, run) => runs.ours[run]?.[key] / numbers[key])
    .filter(Number.isFinite);
  if (ratios.length === 0) return row;
  const ratio = spreadOf(ratios);
  return { ...row, ratio, met: reaches(ratio.median, reach) };
}

const reaches = (value, { atMost = Infinity, atLeast = -Infinity }) =>
  value <= atMost && value >= atLeast;
