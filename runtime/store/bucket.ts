import type { Stored } from "../../model/meta.ts";

/**
 * Objects in order of namespace and name. The list that it gives out is a snapshot: it never changes in a reader's
 * hands, and costs nothing until the next write after it.
 */
export class Bucket {
  #names: string[] = [];
  #objects: Stored[] = [];
  #given = false;

  get size(): number {
    return this.#objects.length;
  }

  list(): readonly Stored[] {
    this.#given = true;
    return this.#objects;
  }

  /** Puts an object in, in place of one of the same name. */
  set(object: Stored): void {
    this.#own();
    const name = sortName(object);
    const index = this.#find(name);
    if (this.#names[index] === name) {
      this.#objects[index] = object;
    } else {
      this.#names.splice(index, 0, name);
      this.#objects.splice(index, 0, object);
    }
  }

  delete(object: Stored): void {
    const name = sortName(object);
    const index = this.#find(name);
    if (this.#names[index] !== name) return;
    this.#own();
    this.#names.splice(index, 1);
    this.#objects.splice(index, 1);
  }

  #own(): void {
    if (!this.#given) return;
    this.#objects = this.#objects.slice();
    this.#given = false;
  }

  /** The place of `name`, or where it would stand. */
  #find(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#names[middle]! < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A text that sorts by namespace, then by name: a space sorts before every character that names may hold. */
function sortName(object: Stored): string {
  return `${object.metadata.namespace ?? ""} ${object.metadata.name}`;
}
