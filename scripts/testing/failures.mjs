// What failed, of all that a section printed: whoever reads only the end of a long run is to see it there.
const MOST_LINES = 80;

/** Where node --test, and where go test, begin to tell of it. */
const BEGINS = [/failing tests:$/, /^\s*(?:--- FAIL|FAIL\b|panic:|WARNING: DATA RACE)/];

/**
 * Of each that failed and is not the last that was printed: its name, and what it said of that.
 *
 * @param {{ name: string, failed: boolean, output?: string }[]} results
 * @returns {string[]}
 */
export function failuresOf(results) {
  return results.flatMap(({ name, failed, output }) =>
    failed && output ? [`--- ${name}`, ...excerpt(output.trimEnd().split('\n')), ''] : [],
  );
}

/** What go test says of each package that has nothing to tell. */
const isSilent = (line) => /^(?:ok|\?) +\t\S+\t/.test(line);

/** @param {string[]} all */
function excerpt(all) {
  const lines = all.filter((line) => !isSilent(line));
  const begin = BEGINS.map((begins) => lines.findIndex((line) => begins.test(line)));
  const at = begin.find((index) => index >= 0) ?? Math.max(0, lines.length - MOST_LINES / 2);
  return lines.slice(at, at + MOST_LINES);
}
