import type { Pod } from "../../model/core.ts";
import type { Client, WatchHandler } from "../../runtime/client/client.ts";

type Item = {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
};

/** As little of a store as the scheduler can do with: objects in maps, no events, no history, no checks. */
export function bareClient(): Client {
  const kinds = new Map<string, Map<string, Item>>();
  const watchers = new Map<string, ((event: { type: string; object: Item; previous?: Item }) => void)[]>();
  let uid = 0;
  const of = (kind: string) => {
    let map = kinds.get(kind);
    if (!map) kinds.set(kind, (map = new Map()));
    return map;
  };
  const keyOf = ({ metadata }: Item) => `${metadata.namespace ?? ""}/${metadata.name}`;
  const put = (object: Item) => {
    const map = of(object.kind);
    const previous = map.get(keyOf(object));
    map.set(keyOf(object), object);
    for (const handler of watchers.get(object.kind) ?? [])
      handler({ type: previous ? "MODIFIED" : "ADDED", object, ...(previous && { previous }) });
    return object;
  };
  const remove = (kind: string, namespace: string | undefined, name: string) => {
    const object = of(kind).get(`${namespace ?? ""}/${name}`)!;
    of(kind).delete(keyOf(object));
    for (const handler of watchers.get(kind) ?? []) handler({ type: "DELETED", object, previous: object });
  };
  const client = {
    get: (kind: string, namespace: string | undefined, name: string) =>
      of(kind).get(`${namespace ?? ""}/${name}`),
    list: (kind: string) => [...of(kind).values()],
    create: (object: Item) =>
      put({ ...object, metadata: { ...object.metadata, uid: `uid-${uid++}` } } as Item),
    update: put,
    updateStatus: put,
    delete: (
      kind: string,
      namespace: string | undefined,
      name: string,
      options?: { gracePeriodSeconds?: number },
    ) => {
      const object = of(kind).get(`${namespace ?? ""}/${name}`)!;
      if (options?.gracePeriodSeconds === 0) remove(kind, namespace, name);
      else
        put({
          ...object,
          metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:30Z" },
        } as Item);
    },
    bind: (namespace: string, name: string, nodeName: string) => {
      const pod = of("Pod").get(`${namespace}/${name}`) as unknown as Pod;
      put({ ...pod, spec: { ...pod.spec, nodeName } } as unknown as Item);
    },
    watch: (kind: string, handler: WatchHandler<never>) => {
      watchers.set(kind, [...(watchers.get(kind) ?? []), handler as never]);
      for (const object of of(kind).values()) handler({ type: "ADDED", object } as never);
      return () => {};
    },
    event: () => {},
  };
  return client as unknown as Client;
}
