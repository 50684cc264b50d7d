/** IPv4 addresses as whole numbers, and the blocks they come in. */

import { parseIpv4 } from "../../model/validation/names.ts";

export interface Block {
  /** The lowest address, all host bits 0. */
  readonly first: number;
  /** The highest address, all host bits 1. */
  readonly last: number;
  /** The number of network bits. */
  readonly prefix: number;
}

/** The number of a dotted address; undefined where the text is none (leading zeros are not allowed, as in Kubernetes). */
export const parseAddress = parseIpv4;

export function formatAddress(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join(".");
}

/** The block of a text such as `127.8.16.0/20`; undefined where it is none. Host bits that are set are let go. */
export function findBlock(cidr: string): Block | undefined {
  const [text = "", bits = "", ...more] = cidr.split("/");
  const address = parseAddress(text);
  const prefix = Number(bits);
  if (address === undefined || !/^\d{1,2}$/.test(bits) || prefix > 32 || more.length > 0) return undefined;
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1, prefix };
}

/** As `findBlock`, for blocks that come from the host and not from users: throws `RangeError` for what is none. */
export function parseBlock(cidr: string): Block {
  const block = findBlock(cidr);
  if (!block) throw new RangeError(`not an IPv4 block: ${cidr}`);
  return block;
}

export function formatBlock(block: Block): string {
  return `${formatAddress(block.first)}/${block.prefix}`;
}

export function contains(block: Block, address: number): boolean {
  return address >= block.first && address <= block.last;
}

/** Whether an address is one of this machine's own (127.0.0.0/8). */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && address >>> 24 === 127;
}
