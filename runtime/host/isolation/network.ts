import { closeSync, openSync } from "node:fs";
import type { CreateSandbox } from "../../environment.ts";
import {
  type Block,
  contains,
  findBlock,
  formatAddress,
  formatBlock,
  parseAddress,
  parseBlock,
} from "../../network/address.ts";
import { HostError } from "../errors.ts";
import { findProgram, type NamespaceTools } from "../process/namespace.ts";
import { clusterVariable } from "../process/variables.ts";
import { signal } from "../processes.ts";
import { machineSockets, type Sockets } from "../sockets.ts";
import { type Door, DoorClosed, openDoor } from "./door.ts";
import { openWayOut } from "./way-out.ts";

/** The network of one cluster: a namespace in which its nodes and services have their addresses, and pods a wire to it. */
export interface Isolation {
  /** Reach what has an address in the cluster there, and all else in the machine's network. */
  readonly sockets: Sockets;
  /** Makes a pod's own namespaces: a network in which its address answers, its host name, processes and System V IPC. */
  prepare(pod: IsolatedPod): PodEntrance;
  readonly ranges: Ranges & { readonly nodeCIDR: string };
  /** Answers names that the cluster does not know; absent: nothing leads out of it. */
  readonly nameServer?: string;
  /** Why nothing leads out. */
  readonly noWayOut?: string;
  /** The command, with its arguments, that puts the one behind it into the network of the nodes. */
  readonly enter: readonly string[];
  close(): void;
}

/** How the first process of a pod gets into the pod's network: its pause process makes it. */
export interface PodEntrance {
  /** The command, with its arguments, before the shell's. */
  readonly command: readonly string[];
  /** Descriptors from 3 on. */
  readonly descriptors: readonly number[];
  /** Keeps what the process has made, though the process should end. */
  hold(pid: number): Namespaces;
}

/** What processes of a pod share. */
export interface Namespaces {
  /**
   * The command, with its arguments, that puts the one behind it into them. Its children are among the pod's processes; it
   * is not, and can have no threads.
   */
  readonly enter: readonly string[];
  /** As `enter`, into the network alone. */
  readonly enterNetwork: readonly string[];
  /** Nothing can be started in them once the pod's first process is gone. */
  readonly needFirst: boolean;
  release(): void;
}

/** Where the ranges of a cluster's addresses are, as the file gives them or Kubernetes' tools do. */
export interface Ranges {
  readonly serviceCIDR: string;
  readonly podCIDR: string;
}

/** kubeadm's range of services, and for pods that of its best known network. */
export const standardRanges: Ranges = { serviceCIDR: "10.96.0.0/16", podCIDR: "10.244.0.0/16" };

/** Where nodes have their addresses, and the way out its own: the first two of these that are neither services' nor pods'. */
const otherBlocks = ["10.240.0.0/24", "10.241.0.0/24", "172.31.240.0/24", "172.31.241.0/24"]
  .concat(["192.168.240.0/24", "192.168.241.0/24"])
  .map(parseBlock);

/** Never on a wire: "this network", every machine's own, several machines' at once, and what is kept for later. */
const unusable = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"].map(parseBlock);

/**
 * Run in the cluster's network once: a bridge for the pods' wires, with the gateway's address, and routes by which every
 * address of a node or a service is one of this network's own, so that a proxy can listen there.
 */
const clusterScript = `
ip=$1 gateway=$2 pods=$3 services=$4 nodes=$5; shift 5
"$ip" link set lo up &&
"$ip" link add kdsl0 type bridge &&
"$ip" address add "$gateway/32" dev kdsl0 &&
"$ip" link set kdsl0 up &&
"$ip" route add "$pods" dev kdsl0 &&
"$ip" route add local "$services" dev lo &&
"$ip" route add local "$nodes" dev lo &&
echo 1 > /proc/sys/net/ipv4/ip_forward &&
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start &&
exec "$@"
`;

/**
 * Run in a pod's new namespaces: the first of its processes, which takes up those that lose their parents and with which
 * all others go; then a wire, one end of which is here and the other on the bridge. As in a container any program may open any
 * port. Descriptor 3 is the cluster's network. The command behind it knows the first process as `$init`.
 */
const podScript = `
mark=$1 ip=$2 nsenter=$3 wire=$4 card=$5 address=$6 gateway=$7 hostname=$8 setname=$9; shift 9
env "$mark" /bin/sh -c 'trap "" HUP INT QUIT TERM; while :; do sleep 1000000 & wait; done' kdsl-init \
  <&- >/dev/null 2>&1 3<&- &
export init=$!
problem=$({
  [ -n "$wire" ] || exit 0
  "$ip" link set lo up &&
  "$ip" link add eth0 address "$card" type veth peer name "$wire" netns /proc/self/fd/3 &&
  "$ip" address add "$address" dev eth0 &&
  "$ip" link set eth0 up &&
  "$ip" route add "$gateway" dev eth0 &&
  "$ip" route add default via "$gateway" &&
  "$nsenter" --net=/proc/self/fd/3 "$ip" link set "$wire" master kdsl0 up &&
  echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
} 2>&1) || { kill -s KILL "$init"; echo "cannot make the pod's network: $problem"; exit 1; }
exec 3<&-
[ -z "$setname" ] || "$setname" "$hostname" 2>/dev/null
exec "$@"
`;

export interface IsolationOptions {
  readonly tools: NamespaceTools;
  readonly ranges: Ranges;
  /** Marks the processes that hold the network as this cluster's. */
  readonly clusterId: string;
}

/**
 * Makes a network for a cluster. An ordinary user does so in a user namespace, in which alone they may do all this.
 * Throws `HostError` Isolation, which says what is missing.
 */
export async function createIsolation(options: IsolationOptions): Promise<Isolation> {
  const { tools, ranges, clusterId } = options;
  const env = { [clusterVariable]: clusterId };
  const ip = findProgram("ip");
  const nsenter = findProgram("nsenter");
  if (!ip || !nsenter)
    throw new HostError(
      "NoIsolation",
      `pods cannot be isolated: ${ip ? "nsenter (util-linux)" : "ip (iproute2)"} is not installed; install it, or run without --isolate`,
    );
  const { services, pods } = blocksOf(ranges);
  const free = otherBlocks.filter((block) => !overlaps(block, services) && !overlaps(block, pods));
  const [nodes, outside] = free as [Block, Block];
  const gateway = formatAddress(nodes.first + 1);
  const user = tools.root ? [] : ["--user", "--map-root-user"];
  const door = await openDoor(
    [
      ...[tools.unshare, ...user, "--net", "--"],
      ...inShell(clusterScript, ip, gateway, ...[pods, services, nodes].map(formatBlock)),
    ],
    env,
  ).catch((error) => {
    throw new HostError(
      "NoIsolation",
      `pods cannot be isolated here: ${(error as Error).message}; run without --isolate`,
    );
  });
  const cluster = holdNamespaces(door.pid, tools.root ? ["net"] : ["user", "net"]);
  const net = cluster.descriptors.at(-1)!;
  const enterUser = tools.root ? [] : [`--user=${pathOf(cluster.descriptors[0]!)}`, "--preserve-credentials"];
  const enterNodes = [nsenter, ...enterUser, `--net=${pathOf(net)}`, "--"];
  const kept = keepOpen(door, () => openDoor(enterNodes, env));
  const wayOut = await openWayOut({
    enter: enterNodes,
    namespaces: { net: pathOf(net), ...(tools.root ? {} : { user: pathOf(cluster.descriptors[0]!) }) },
    ...{ block: outside, env },
  });
  const place: Place = {
    ...{ ip, nsenter, unshare: tools.unshare, setHostname: tools.hostname ?? "", enterUser },
    ...{ network: net, prefix: pods.prefix, gateway, mark: `${clusterVariable}=${clusterId}` },
  };
  let wires = 0;
  return {
    sockets: socketsOf(kept, [services, pods, nodes]),
    ranges: { ...ranges, nodeCIDR: formatBlock(nodes) },
    ...("missing" in wayOut ? { noWayOut: wayOut.missing } : { nameServer: wayOut.nameServer }),
    enter: enterNodes,
    prepare: (pod) => preparePod(pod, place, `pod${++wires}`),
    close() {
      if ("close" in wayOut) wayOut.close();
      kept.close();
      cluster.release();
    },
  };
}

/** Throws `HostError` NoIsolation for ranges in which no cluster can be. */
function blocksOf({ serviceCIDR, podCIDR }: Ranges): { services: Block; pods: Block } {
  const refused = (why: string) =>
    new HostError(
      "NoIsolation",
      `pods cannot be isolated: ${why}; change \`cluster\` or run without --isolate`,
    );
  const [services, pods] = [serviceCIDR, podCIDR].map((range) => {
    const block = findBlock(range);
    if (!block) throw refused(`${range} is no range of IPv4 addresses, and others are not to be had here`);
    const reserved = unusable.find((each) => overlaps(each, block));
    if (reserved)
      throw refused(`${range} has addresses of ${formatBlock(reserved)}, which no network routes`);
    return block;
  }) as [Block, Block];
  if (overlaps(services, pods))
    throw refused(`services (${serviceCIDR}) and pods (${podCIDR}) have addresses in common`);
  return { services, pods };
}

/** What a pod's namespaces are made with, and where. */
interface Place {
  readonly ip: string;
  readonly nsenter: string;
  readonly unshare: string;
  /** "" where there is no such program. */
  readonly setHostname: string;
  /** Of `nsenter`; empty for root. */
  readonly enterUser: readonly string[];
  /** The descriptor of the cluster's. */
  readonly network: number;
  readonly prefix: number;
  readonly gateway: string;
  /** Of the pod's first process: a variable of its environment. */
  readonly mark: string;
}

type IsolatedPod = Pick<CreateSandbox, "address" | "hostname" | "pod">;

function preparePod(
  { address, hostname, pod: { spec } }: IsolatedPod,
  place: Place,
  name: string,
): PodEntrance {
  const { ip, nsenter, enterUser } = place;
  const clusterNetwork = `--net=${pathOf(place.network)}`;
  const own = [
    ...(spec.hostNetwork ? [] : ["net"]),
    ...["uts"],
    ...(spec.hostIPC ? [] : ["ipc"]),
    ...(spec.hostPID ? [] : ["pid"]),
  ];
  const wire = spec.hostNetwork ? "" : name;
  return {
    command: [
      ...[
        nsenter,
        ...enterUser,
        clusterNetwork,
        "--",
        place.unshare,
        ...own.map((each) => `--${each}`),
        "--",
      ],
      ...inShell(podScript, place.mark, ip, nsenter, wire, cardOf(address)),
      ...[`${address}/${place.prefix}`, place.gateway, hostname, place.setHostname],
    ],
    descriptors: [place.network],
    hold: (pid) => {
      const held = holdNamespaces(pid, own);
      const others = own.map((each, index) => `--${each}=${pathOf(held.descriptors[index]!)}`);
      const network = spec.hostNetwork ? [clusterNetwork] : others.splice(0, 1);
      return {
        enter: [nsenter, ...enterUser, ...network, ...others, "--no-fork", "--"],
        enterNetwork: [nsenter, ...enterUser, ...network, "--"],
        needFirst: own.includes("pid"),
        release() {
          // The first process waits for nothing and takes no signal from within; the rest of the pod goes with it.
          signal(-pid, "SIGKILL");
          held.release();
        },
      };
    },
  };
}

const inShell = (script: string, ...args: readonly string[]) => [
  "/bin/sh",
  "-c",
  script,
  "kdsl-network",
  ...args,
];

/** The hardware address that goes with an address, so that who has known the one before at it need not ask anew. */
const cardOf = (address: string) =>
  ["02", "00", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");

/** A descriptor of this process, as one that it starts can open it. */
const pathOf = (descriptor: number) => `/proc/${process.pid}/fd/${descriptor}`;

function holdNamespaces(
  pid: number,
  names: readonly string[],
): { descriptors: readonly number[]; release(): void } {
  const descriptors = names.map((name) =>
    // A process is in the namespace that its children are in from the beginning, or never.
    openSync(`/proc/${pid}/ns/${name === "pid" ? "pid_for_children" : name}`, "r"),
  );
  return {
    descriptors,
    release: () => {
      for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
    },
  };
}

/**
 * A door that is opened anew where somebody kills the process behind it: the network is held without it. What was
 * asked meanwhile is asked again.
 */
function keepOpen(first: Door, open: () => Promise<Door>): Sockets & { close(): void } {
  let door: Promise<Door> | undefined;
  let closed = false;
  const keep = (opening: Promise<Door>) => {
    door = opening;
    opening.then(
      async (opened) => {
        await opened.closed;
        if (!closed) keep(open());
      },
      // The next who asks tries anew.
      () => {
        door = undefined;
      },
    );
    return opening;
  };
  keep(Promise.resolve(first));
  const through = async <Result>(ask: (door: Door) => Promise<Result>): Promise<Result> => {
    const current = await (door ?? keep(open()));
    try {
      return await ask(current);
    } catch (error) {
      if (closed || !(error instanceof DoorClosed)) throw error;
      await current.closed;
      return ask(await (door ?? keep(open())));
    }
  };
  return {
    connect: (host, port, timeout) => through((opened) => opened.connect(host, port, timeout)),
    listen: (address, port, accept) => through((opened) => opened.listen(address, port, accept)),
    close() {
      closed = true;
      void door?.then((current) => current.close()).catch(() => {});
    },
  };
}

function socketsOf(door: Sockets, blocks: readonly Block[]): Sockets {
  const of = (host: string) => {
    const address = parseAddress(host);
    return address !== undefined && blocks.some((block) => contains(block, address)) ? door : machineSockets;
  };
  return {
    connect: (host, port, timeout) => of(host).connect(host, port, timeout),
    listen: (address, port, accept) => of(address).listen(address, port, accept),
  };
}

const overlaps = (a: Block, b: Block) => a.first <= b.last && b.first <= a.last;
