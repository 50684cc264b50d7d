import type { Pod } from "../../../model/core.ts";
import { controllerOf, type Labels } from "../../../model/meta.ts";
import type { LabelGroup } from "./census.ts";

/** The labels by which pods that say nothing are spread, numbered, and known until services or rcs change. */
export class SpreadSelectors {
  readonly #find: (pod: Pod) => Labels;
  readonly #byGroup = new Map<string, Map<string, number>>();
  readonly #ids = new Map<string, number>();
  readonly #selectors: Labels[] = [];

  constructor(find: (pod: Pod) => Labels) {
    this.#find = find;
  }

  /** A service or an rc of this namespace came, went, or selects otherwise. */
  forget(namespace: string | undefined): void {
    this.#byGroup.delete(namespace ?? "");
  }

  idOf(pod: Pod, group: LabelGroup): number {
    let known = this.#byGroup.get(group.namespace);
    if (!known) this.#byGroup.set(group.namespace, (known = new Map()));
    const owner = controllerOf(pod);
    const key = owner ? `${group.id} ${owner.kind}/${owner.name}` : `${group.id}`;
    let id = known.get(key);
    if (id === undefined) {
      id = this.#number(this.#find(pod));
      known.set(key, id);
    }
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
