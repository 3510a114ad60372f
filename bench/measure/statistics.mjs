// Order statistics.
import { quantile } from '../../lib/cli/load/quantile.mjs';

export { quantile };

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);
