/** Whether a figure stays where it is. */

/** By how much a figure grew from the first sample to the last, by the straight line that fits all of them best. */
export function fittedGrowth(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [rise, run] = [0, 0];
  values.forEach((value, at) => {
    rise += (at - middle) * (value - mean);
    run += (at - middle) ** 2;
  });
  return run === 0 ? 0 : (rise / run) * (values.length - 1);
}
