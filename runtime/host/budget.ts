/** What is held for all clients together at this moment, in bytes, so that it stays bounded however many they are. */
export interface Budget {
  /** False, and nothing is taken, where that would be too much. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBudget(most: number): Budget {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    give(bytes) {
      held -= bytes;
    },
  };
}
