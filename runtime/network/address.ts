/** IPv4 addresses as whole numbers, and the blocks they come in. */

export interface Block {
  /** The lowest address, all host bits 0. */
  readonly first: number;
  /** The highest address, all host bits 1. */
  readonly last: number;
  /** The number of network bits. */
  readonly prefix: number;
}

const DOT = 46;
const ZERO = 48;

/** The number of a dotted address; undefined where the text is none (leading zeros are not allowed, as in Kubernetes). */
export function parseAddress(text: string): number | undefined {
  let address = 0;
  let dots = 0;
  /** Of the part that is being read; -1 before its first digit. */
  let number = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (number < 0 || ++dots > 3) return undefined;
      address = address * 256 + number;
      number = -1;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || number === 0) return undefined;
      number = number < 0 ? digit : number * 10 + digit;
      if (number > 255) return undefined;
    }
  }
  return dots === 3 && number >= 0 ? address * 256 + number : undefined;
}

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
