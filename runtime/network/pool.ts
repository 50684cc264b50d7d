import type { Random } from "../../base/random.ts";
import type { NetworkPlan } from "../environment.ts";
import { formatAddress, parseAddress, parseBlock } from "./address.ts";

/**
 * Whole numbers that can be taken, each by one taker at a time. Numbers below `band` are left to those who ask for
 * one by name, as long as there are others (Kubernetes' static and dynamic bands, KEP-3070 and KEP-3668).
 */
export interface PoolOptions {
  readonly first: number;
  readonly last: number;
  /** How many numbers from `first` on are handed out last. */
  readonly band?: number;
  /** Where a search starts; without it the search goes on from the number handed out last. */
  readonly random?: Random;
}

export class Pool {
  readonly first: number;
  readonly last: number;
  readonly #band: number;
  readonly #random: Random | undefined;
  readonly #taken = new Set<number>();
  #next: number;

  constructor({ first, last, band = 0, random }: PoolOptions) {
    this.first = first;
    this.last = last;
    this.#band = Math.min(band, last - first + 1);
    this.#random = random;
    this.#next = first + this.#band;
  }

  /** How many numbers are free. */
  get free(): number {
    return Math.max(0, this.last - this.first + 1) - this.#taken.size;
  }

  /** Takes a free number, outside the band first; undefined when there is none. */
  take(): number | undefined {
    return this.#search(this.first + this.#band, this.last) ?? this.#search(this.first, this.#dynamic - 1);
  }

  /** Takes this very number: "taken" where somebody has it, "outside" where the pool does not hold it. */
  claim(number: number): "claimed" | "taken" | "outside" {
    if (!Number.isInteger(number) || number < this.first || number > this.last) return "outside";
    if (this.#taken.has(number)) return "taken";
    this.#taken.add(number);
    return "claimed";
  }

  /** Gives a number back; one that nobody had is no matter. */
  release(number: number): void {
    this.#taken.delete(number);
  }

  has(number: number): boolean {
    return this.#taken.has(number);
  }

  get #dynamic(): number {
    return this.first + this.#band;
  }

  #search(low: number, high: number): number | undefined {
    const size = high - low + 1;
    if (size <= 0) return undefined;
    const start = this.#random ? low + this.#random.below(size) : this.#next;
    for (let offset = 0; offset < size; offset++) {
      const number = low + ((((start - low + offset) % size) + size) % size);
      if (this.#taken.has(number)) continue;
      this.#taken.add(number);
      this.#next = number + 1;
      return number;
    }
    return undefined;
  }
}

/** A pool of the IPv4 addresses of a block, as texts. */
export interface AddressPool {
  readonly cidr: string;
  readonly free: number;
  take(): string | undefined;
  claim(address: string): "claimed" | "taken" | "outside";
  release(address: string): void;
  has(address: string): boolean;
}

/**
 * The addresses of a block but for its lowest and its highest, which name the network and everybody in it. Those that
 * were given back are handed out again as late as possible (without `random`), so that a late packet finds nobody.
 */
export function createAddressPool(
  cidr: string,
  options: { readonly reserved?: number; readonly band?: number; readonly random?: Random } = {},
): AddressPool {
  const block = parseBlock(cidr);
  const { reserved = 0, ...rest } = options;
  const pool = new Pool({ first: block.first + 1 + reserved, last: block.last - 1, ...rest });
  const number = (text: string) => parseAddress(text) ?? Number.NaN;
  return {
    cidr,
    get free() {
      return pool.free;
    },
    take: () => {
      const taken = pool.take();
      return taken === undefined ? undefined : formatAddress(taken);
    },
    claim: (address) => pool.claim(number(address)),
    release: (address) => pool.release(number(address)),
    has: (address) => pool.has(number(address)),
  };
}

/**
 * The addresses of services. Of `size` addresses the first min(max(16, size/16), 256) are handed out last, none where
 * there are 16 or fewer (`calculateRangeOffset` of Kubernetes' ipallocator). The first one is that of the API's own
 * service, `default/kubernetes`, and never anyone else's.
 */
export function createServiceAddresses(network: NetworkPlan, random: Random): AddressPool {
  const block = parseBlock(network.serviceCIDR);
  const size = block.last - block.first + 1;
  const band = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
  const pool = createAddressPool(network.serviceCIDR, { band, random });
  pool.claim(formatAddress(block.first + 1));
  return pool;
}

/** The ports that nodes open for services: the first min(max(16, size/32), 128) are handed out last (portallocator). */
export function createNodePorts(network: NetworkPlan, random: Random): Pool {
  const { first, last } = network.nodePorts;
  const size = last - first + 1;
  const band = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
  return new Pool({ first, last, band, random });
}
