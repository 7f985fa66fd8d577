/** Does the work for each item, so many at a time; the results are in the order of the items. Rejects with the first failure, once nothing is under way. */
export async function atMost<T, R>(count: number, items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(count, items.length) }, worker));
  const failure = settled.find((each) => each.status === "rejected");
  if (failure) throw failure.reason;
  return results;
}
