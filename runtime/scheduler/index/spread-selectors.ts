import type { Pod } from "../../../model/core.ts";
import { controllerOf, type Labels } from "../../../model/meta.ts";
import type { LabelGroup } from "./census.ts";

/** The labels by which pods that say nothing are spread, numbered, and known until services or rcs change. */
export class SpreadSelectors {
  readonly #find: (pod: Pod) => Labels;
  /** By namespace, group and name of the rc. */
  readonly #byNamespace = new Map<string, Map<number, Map<string, number>>>();
  readonly #ids = new Map<string, number>();
  readonly #selectors: Labels[] = [];

  constructor(find: (pod: Pod) => Labels) {
    this.#find = find;
  }

  /** A service or an rc of this namespace came, went, or selects otherwise. */
  forget(namespace: string | undefined): void {
    this.#byNamespace.delete(namespace ?? "");
  }

  idOf(pod: Pod, group: LabelGroup): number {
    let groups = this.#byNamespace.get(group.namespace);
    if (!groups) this.#byNamespace.set(group.namespace, (groups = new Map()));
    let owners = groups.get(group.id);
    if (!owners) groups.set(group.id, (owners = new Map()));
    const owner = controllerOf(pod);
    const name = owner?.kind === "ReplicationController" ? owner.name : "";
    let id = owners.get(name);
    if (id === undefined) owners.set(name, (id = this.#number(this.#find(pod))));
    return id;
  }

  of(pod: Pod, group: LabelGroup): Labels {
    return this.#selectors[this.idOf(pod, group) - 1]!;
  }

  /** From 1. */
  #number(selector: Labels): number {
    const text = JSON.stringify(selector);
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#selectors.push(selector);
      this.#ids.set(text, id);
    }
    return id;
  }
}
