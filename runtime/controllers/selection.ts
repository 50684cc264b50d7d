import type { Pod, Service } from "../../model/core.ts";
import type { Labels, Stored } from "../../model/meta.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";
import { Offers } from "./endpoint-subsets.ts";

/** A service that selects pods, and what those it selects offer to it. */
export interface Selected {
  readonly namespace: string;
  readonly selector: Labels;
  readonly offers: Offers;
}

/**
 * Which pods each service selects, kept up to date by what watches tell: a change of a pod costs what the services that
 * it concerns cost, however many others there are. A service is found by one pair of its selector.
 */
export class Selection {
  readonly #client: Client;
  readonly #selected = new Map<string, Selected>();
  readonly #byPair = new Map<string, Set<string>>();

  constructor(client: Client) {
    this.#client = client;
  }

  get(service: string): Selected | undefined {
    return this.#selected.get(service);
  }

  /** Takes in a service as it is now; undefined where it is gone. */
  setService(key: string, service: Stored<Service> | undefined): void {
    const selector = service && selectorOf(service);
    const before = this.#selected.get(key);
    if (before && equalStructure(before.selector, selector)) return;
    if (before) {
      this.#selected.delete(key);
      const pair = pairOf(before.namespace, before.selector);
      const keys = this.#byPair.get(pair);
      keys?.delete(key);
      if (keys?.size === 0) this.#byPair.delete(pair);
    }
    if (!selector) return;
    const namespace = service.metadata.namespace!;
    const offers = before?.offers ?? new Offers();
    offers.keep(
      this.#client.list("Pod", { namespace }).filter((pod) => mapMatches(selector, pod.metadata.labels)),
    );
    this.#selected.set(key, { namespace, selector, offers });
    const pair = pairOf(namespace, selector);
    const keys = this.#byPair.get(pair);
    if (keys) keys.add(key);
    else this.#byPair.set(pair, new Set([key]));
  }

  /**
   * Takes in a change of a pod, and calls `concerned` with each service to which it may offer something else than
   * before.
   */
  setPod(
    previous: Stored<Pod> | undefined,
    next: Stored<Pod> | undefined,
    concerned: (service: string) => void,
  ): void {
    const { uid, namespace } = (next ?? previous)!.metadata;
    const moved = previous !== undefined && previous.metadata.labels !== next?.metadata.labels;
    if (moved) {
      for (const key of this.#matching(namespace!, previous.metadata.labels)) {
        if (next && mapMatches(this.#selected.get(key)!.selector, next.metadata.labels)) continue;
        if (this.#selected.get(key)!.offers.remove(uid)) concerned(key);
      }
    }
    if (!next) return;
    for (const key of this.#matching(namespace!, next.metadata.labels)) {
      if (this.#selected.get(key)!.offers.put(next)) concerned(key);
    }
  }

  *#matching(namespace: string, labels: Labels | undefined): Generator<string> {
    for (const key in labels) {
      for (const service of this.#byPair.get(`${namespace} ${key}=${labels[key]}`) ?? [])
        if (mapMatches(this.#selected.get(service)!.selector, labels)) yield service;
    }
  }
}

/** Whoever has a service without a selector looks after its endpoints himself. */
export function selectorOf({ spec }: Service): Labels | undefined {
  if (spec.type === "ExternalName") return undefined;
  for (const _ in spec.selector) return spec.selector;
  return undefined;
}

function pairOf(namespace: string, selector: Labels): string {
  const [key] = Object.keys(selector);
  return `${namespace} ${key}=${selector[key!]}`;
}
