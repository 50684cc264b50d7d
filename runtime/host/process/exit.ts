import { describeHolder, holderOf, listenersOn } from "../holders.ts";

/** How programs say that an address is taken: Node, libc's strerror, Go, Java, Python, Erlang. */
const addressInUse =
  /EADDRINUSE|address (?:is )?already in use|address in use|Only one usage of each socket/i;

export interface ExitFacts {
  readonly exitCode: number;
  /** The last of the output. */
  readonly tail: string;
  /** Declared ports. */
  readonly ports: readonly number[];
  /** The pod's. */
  readonly address: string;
  /** The name of a container, from its mark (`KDSL_CONTAINER`). */
  readonly nameOf: (mark: string) => string | undefined;
  /** The pod has a network of its own, and its port can be taken only by the pod itself. */
  readonly isolated: boolean;
}

/**
 * Why a container ended, where the driver can say more than the program did: an address that is taken, by whom, and
 * what to do. Where all pods share the machine's network, a program that listens on all addresses (0.0.0.0) takes its
 * port from every other pod.
 */
export function explainExit(facts: ExitFacts): string | undefined {
  if (facts.exitCode === 0 || !addressInUse.test(facts.tail)) return undefined;
  if (facts.isolated) return explainWithin(facts);
  const wayOut = `let it listen on $HOST (${facts.address}) instead of 0.0.0.0, localhost or 127.0.0.1, or run with --isolate`;
  for (const port of candidates(facts)) {
    const listeners = listenersOn(port);
    const found =
      listeners.find((each) => each.wildcard) ??
      listeners.find((each) => each.address === facts.address) ??
      listeners[0];
    if (found === undefined) continue;
    const holder = describeHolder(holderOf(found.inode), facts.nameOf);
    if (found.wildcard)
      return `port ${port} is taken: ${holder} listens on all addresses (${found.address}:${port}) and so takes the port from every pod; ${wayOut.replace("it", "that one")}`;
    if (found.address === facts.address)
      return `port ${port} is taken at this pod's address: ${holder} listens on ${found.address}:${port} already; give the two containers different ports`;
    return `port ${port} cannot be had at all addresses (0.0.0.0): ${holder} listens on ${found.address}:${port}; ${wayOut}`;
  }
  return `the program could not listen: the address was in use; ${wayOut}`;
}

function explainWithin(facts: ExitFacts): string {
  const [port] = candidates(facts);
  return `port ${port === undefined ? "" : `${port} `}is taken within this pod: its containers share one network; give them different ports`;
}

/** The ports that the program may have meant: those it declares, then those that its last words name. */
function candidates({ ports, tail }: ExitFacts): number[] {
  const named = [...tail.matchAll(/(?:[:\]]|port[ =:]+)(\d{2,5})\b/gi)].map((match) => Number(match[1]));
  const all = [...ports.filter((port) => named.includes(port)), ...ports, ...named];
  return [...new Set(all)].filter((port) => port > 0 && port < 65_536);
}
