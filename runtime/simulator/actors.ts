import type { Client } from "../client/client.ts";

/** Says whose write it is that is just being made. */
export interface Actors {
  /** The name of a loop; undefined: somebody else writes, or nobody. */
  readonly current: string | undefined;
  /** The client with which a loop writes. */
  as(name: string, client: Client): Client;
}

export function createActors(): Actors {
  let current: string | undefined;
  return {
    get current() {
      return current;
    },
    as(name, client) {
      const acting = <Result>(act: () => Result): Result => {
        const before = current;
        current = name;
        try {
          return act();
        } finally {
          current = before;
        }
      };
      return {
        ...client,
        create: (object) => acting(() => client.create(object)),
        update: (object) => acting(() => client.update(object)),
        updateStatus: (object) => acting(() => client.updateStatus(object)),
        delete: (...asked) => acting(() => client.delete(...asked)),
        bind: (...asked) => acting(() => client.bind(...asked)),
      };
    },
  };
}
