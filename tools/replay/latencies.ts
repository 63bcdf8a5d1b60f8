/** Milliseconds of requests, at most `capacity` of them, and the quantiles: exact, for four bytes each. */
export interface Latencies {
  add(milliseconds: number): void;
  readonly count: number;
  /** The least of them that `share` of all do not exceed; NaN when there are none. */
  quantile(share: number): number;
}

export function createLatencies(capacity: number): Latencies {
  const values = new Float32Array(capacity);
  let count = 0;
  let sorted = true;
  return {
    add(milliseconds) {
      if (count === capacity) throw new RangeError(`more than ${capacity} latencies`);
      values[count++] = milliseconds;
      sorted = false;
    },
    get count() {
      return count;
    },
    quantile(share) {
      if (count === 0) return Number.NaN;
      if (!sorted) values.subarray(0, count).sort();
      sorted = true;
      return values[Math.max(0, Math.ceil(share * count) - 1)] ?? Number.NaN;
    },
  };
}
