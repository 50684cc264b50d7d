import type { NetworkPlan } from "../environment.ts";
import { findBlock, formatAddress, formatBlock, parseBlock } from "./address.ts";
import { Pool } from "./pool.ts";

/** The size of a node's own block, as Kubernetes' `--node-cidr-mask-size` has it by default. */
const NODE_PREFIX = 24;
/** Addresses at the beginning of the nodes' block that are not nodes'. */
const RESERVED_NODES = 10;

/** The blocks of pod addresses, one for each node; at most as many as `podCIDR` holds. */
export interface NodeBlocks {
  /** The next free block; undefined when all are given out. */
  take(): string | undefined;
  /** Takes this very block; false where it is another node's or none of ours. */
  claim(cidr: string): boolean;
  release(cidr: string): void;
}

export function createNodeBlocks(network: NetworkPlan): NodeBlocks {
  const whole = parseBlock(network.podCIDR);
  const prefix = Math.max(NODE_PREFIX, whole.prefix);
  const size = 2 ** (32 - prefix);
  const pool = new Pool({ first: 0, last: (whole.last - whole.first + 1) / size - 1 });
  const index = (cidr: string) => {
    const block = findBlock(cidr);
    return block?.prefix === prefix && formatBlock(block) === cidr ? (block.first - whole.first) / size : -1;
  };
  return {
    take: () => {
      const taken = pool.take();
      return taken === undefined
        ? undefined
        : formatBlock({ ...whole, first: whole.first + taken * size, prefix });
    },
    claim: (cidr) => pool.claim(index(cidr)) === "claimed",
    release: (cidr) => pool.release(index(cidr)),
  };
}

/**
 * The address of the node that owns a block of pod addresses. Blocks are unique among nodes, hence so are these.
 * Undefined where the nodes' block is too small for it,
 * or it is no IPv4 block.
 */
export function nodeAddress(network: NetworkPlan, podCIDR: string): string | undefined {
  const pods = parseBlock(network.podCIDR);
  const own = findBlock(podCIDR);
  const nodes = parseBlock(network.nodeCIDR);
  if (!own) return undefined;
  const address = nodes.first + RESERVED_NODES + (own.first - pods.first) / (own.last - own.first + 1);
  return address < nodes.last ? formatAddress(address) : undefined;
}
