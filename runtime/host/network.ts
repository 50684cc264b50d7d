import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { hash32 } from "../../base/random.ts";
import type { NetworkPlan } from "../environment.ts";
import { errorCode, HostError, reasonOf } from "./errors.ts";

/** Bound at 127.x.0.1 for as long as a cluster has 127.x.0.0/16, whoever runs it. */
export const claimPort = 47_400;

/**
 * Added to a port that this user may not open: below the node ports and the ports that systems give out. Not 10000,
 * which makes 80 the one port there (10080) that the Fetch standard forbids browsers.
 */
export const portShift = 20_000;

/** Kubernetes' own. */
const standardNodePorts = { first: 30_000, last: 32_767 };

/** The addresses of one cluster, 127.`x`.0.0/16: nodes, services (4096) and pods (a /24 for each of 128 nodes). */
export function networkPlan(
  x: number,
  openPort: (port: number) => number = portOpener(),
  nodePorts: NetworkPlan["nodePorts"] = standardNodePorts,
): NetworkPlan {
  return {
    nodeCIDR: `127.${x}.0.0/24`,
    serviceCIDR: `127.${x}.16.0/20`,
    podCIDR: `127.${x}.128.0/17`,
    nodePorts,
    openPort,
  };
}

/** The addresses of a cluster that has a network of its own, in which every port can be opened. */
export function isolatedNetworkPlan(
  { serviceCIDR, podCIDR, nodeCIDR }: Omit<NetworkPlan, "nodePorts" | "openPort">,
  nodePorts: NetworkPlan["nodePorts"] = standardNodePorts,
): NetworkPlan {
  return { nodeCIDR, serviceCIDR, podCIDR, nodePorts, openPort: (port) => port };
}

/**
 * Where a declared port is really opened: unprivileged users get ports below `ip_unprivileged_port_start` shifted by
 * 20000 (80 is 20080), unless they hold CAP_NET_BIND_SERVICE.
 */
export function portOpener(
  firstOpen = firstUnprivilegedPort(),
  privileged = mayBindLowPorts(),
): (port: number) => number {
  return (port) => (privileged || port >= firstOpen || port <= 0 ? port : port + portShift);
}

function firstUnprivilegedPort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 1024;
  }
}

/** CAP_NET_BIND_SERVICE (10 in capability.h) is effective. */
function mayBindLowPorts(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> 10n) & 1n) === 1n;
  } catch {
    return false;
  }
}

export interface NetworkClaim {
  /** The cluster has 127.`x`.0.0/16. */
  readonly x: number;
  close(): Promise<void>;
}

/**
 * Takes a free 127.x.0.0/16: the one that the cluster's name asks for, else the next. The claim is a bound socket, so
 * it holds between users and ends with the process however that ends.
 *
 * Throws `HostError` UnsupportedPlatform or NoFreeNetwork.
 */
export async function claimNetwork(name: string): Promise<NetworkClaim> {
  const first = hash32(name) % 254;
  let problem: unknown;
  for (let step = 0; step < 254; step++) {
    // 127.0 is the machine's own, 127.255 has the broadcast address.
    const x = ((first + step) % 254) + 1;
    try {
      const server = await bind(`127.${x}.0.1`, claimPort);
      return { x, close: () => new Promise((resolve) => server.close(() => resolve())) };
    } catch (error) {
      problem = error;
      if (errorCode(error) === "EADDRNOTAVAIL") {
        throw new HostError(
          "UnsupportedPlatform",
          `this machine has no addresses in 127.0.0.0/8 beside 127.0.0.1 (${process.platform}): clusters run on Linux only; \`kdsl check\` and \`kdsl compile\` run everywhere`,
        );
      }
      if (errorCode(error) !== "EADDRINUSE") break;
    }
  }
  throw new HostError(
    "NoFreeNetwork",
    errorCode(problem) === "EADDRINUSE"
      ? `no free address range: port ${claimPort} is taken at each of 127.1.0.1 to 127.254.0.1, by 254 clusters or by a program that listens on 0.0.0.0:${claimPort}; stop it`
      : `cannot listen on 127.x.0.1:${claimPort} to claim an address range: ${reasonOf(problem)}`,
    { port: claimPort },
  );
}

function bind(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen({ host, port, exclusive: true, backlog: 1 }, () => {
      server.unref();
      resolve(server);
    });
  });
}
