/** Lets at most `width` pieces of work run at once; the others wait in order. */
export function createLimiter(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // The place goes to the next in line as it is.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
