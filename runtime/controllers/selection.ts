import type { Pod, Service } from "../../model/core.ts";
import type { Labels, Stored } from "../../model/meta.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";
import { Offers } from "./endpoint-subsets.ts";

/** A service that selects pods, and what those it selects offer to it. */
export interface Selected {
  readonly service: string;
  readonly namespace: string;
  readonly selector: Labels;
  readonly offers: Offers;
}

/**
 * Which pods each service selects, kept up to date by what watches tell: a change of a pod costs what the services that
 * it concerns cost, however many others there are.
 */
export class Selection {
  readonly #client: Client;
  readonly #selected = new Map<string, Selected>();
  /** By namespace and by one pair of their selectors. */
  readonly #byPair = new Map<string, Set<Selected>>();
  /** Who selects such labels, by namespace: pods of one template share theirs. Found anew when a selector changes. */
  #matching = new Map<string, WeakMap<Labels, readonly Selected[]>>();

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
      const others = this.#byPair.get(pair);
      others?.delete(before);
      if (others?.size === 0) this.#byPair.delete(pair);
    }
    if (before || selector) this.#matching = new Map();
    if (!selector) return;
    const namespace = service.metadata.namespace!;
    const offers = before?.offers ?? new Offers();
    offers.keep(
      this.#client.list("Pod", { namespace }).filter((pod) => mapMatches(selector, pod.metadata.labels)),
    );
    const selected = { service: key, namespace, selector, offers };
    this.#selected.set(key, selected);
    const pair = pairOf(namespace, selector);
    const others = this.#byPair.get(pair);
    if (others) others.add(selected);
    else this.#byPair.set(pair, new Set([selected]));
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
    const labels = next?.metadata.labels;
    if (previous && previous.metadata.labels !== labels) {
      for (const { service, selector, offers } of this.#selecting(namespace!, previous.metadata.labels)) {
        if (next && mapMatches(selector, labels)) continue;
        if (offers.remove(uid)) concerned(service);
      }
    }
    if (!next) return;
    for (const { service, offers } of this.#selecting(namespace!, labels))
      if (offers.put(next)) concerned(service);
  }

  #selecting(namespace: string, labels: Labels | undefined): readonly Selected[] {
    if (!labels) return [];
    let known = this.#matching.get(namespace);
    if (!known) this.#matching.set(namespace, (known = new WeakMap()));
    let found = known.get(labels);
    if (!found) known.set(labels, (found = this.#find(namespace, labels)));
    return found;
  }

  #find(namespace: string, labels: Labels): readonly Selected[] {
    const found: Selected[] = [];
    for (const key in labels) {
      for (const selected of this.#byPair.get(`${namespace} ${key}=${labels[key]}`) ?? [])
        if (mapMatches(selected.selector, labels)) found.push(selected);
    }
    return found;
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
