import type { Socket } from "node:net";
import type { ProxyEvent, ProxyRule } from "../../environment.ts";
import { errorCode, reasonOf } from "../errors.ts";
import { describeHolder, holderOf, listenerInTheWay } from "../holders.ts";
import type { Listening, Sockets } from "../sockets.ts";
import { type Backend, type Chooser, same } from "./choose.ts";
import { join } from "./connection.ts";

/** How long until a port that was taken is tried again. */
const retryMilliseconds = 1_000;

/** One address and port at which a service answers. */
export interface RuleListener {
  /** Connections from now on follow this rule; those there are go on. */
  update(rule: ProxyRule): void;
  /** Stops listening; connections go on. */
  close(): void;
}

/**
 * Listens for a rule while it has backends. Without one the port is closed again, so that clients are refused as
 * Kubernetes' REJECT refuses them, and a program that waits for the port to answer waits. `clients` is where open
 * connections are noted.
 */
export function createRuleListener(
  first: ProxyRule,
  chooser: Chooser,
  emit: (event: ProxyEvent) => void,
  nameOf: (mark: string) => string | undefined,
  clients: Set<Socket>,
  sockets: Sockets,
): RuleListener {
  let rule = first;
  let opening = false;
  let server: Listening | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  /** What was said last; each change is said once. */
  let said: string | undefined;
  const { address, port } = first;

  const say = (event: ProxyEvent) => {
    const text = JSON.stringify(event);
    if (text === said || closed) return;
    said = text;
    emit(event);
  };

  function accept(client: Socket): void {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    const from = client.remoteAddress ?? "";
    let order: Backend[] | undefined;
    const tried: Backend[] = [];
    const next = () => {
      order ??= chooser.order(rule, from);
      const current = rule.backends;
      const usable = (each: Backend) =>
        current.some((one) => same(one, each)) && !tried.some((one) => same(one, each));
      const found = order.find(usable) ?? current.find(usable);
      if (found) tried.push(found);
      return found;
    };
    void join(client, sockets, next, (backend) => chooser.settled(rule, from, backend));
  }

  async function listen(): Promise<void> {
    if (closed || server || opening) return;
    opening = true;
    try {
      server = await sockets.listen(address, port, accept);
      if (closed) server.close();
      else {
        say({ type: "listening", address, port });
        settle();
      }
    } catch (error) {
      say({ type: "failed", address, port, message: listenProblem(error as Error, rule, nameOf) });
      clearTimeout(retry);
      retry = setTimeout(listen, retryMilliseconds);
      retry.unref();
    } finally {
      opening = false;
    }
  }

  /** Opens or closes the port as there are backends or none. */
  function settle(): void {
    if (rule.backends.length > 0) void listen();
    else {
      server?.close();
      server = undefined;
    }
  }

  // Opened once in any case: that the port can be had is worth knowing before there is a backend.
  void listen();
  return {
    update(next) {
      rule = next;
      settle();
    },
    close() {
      closed = true;
      clearTimeout(retry);
      server?.close();
      server = undefined;
    },
  };
}

function listenProblem(error: Error, rule: ProxyRule, nameOf: (mark: string) => string | undefined): string {
  const { address, port, service } = rule;
  const where = `${service} cannot answer at ${address}:${port}`;
  switch (errorCode(error)) {
    case "EADDRINUSE": {
      const listener = listenerInTheWay(address, port);
      if (!listener) return `${where}: the address is in use`;
      const holder = describeHolder(holderOf(listener.inode), nameOf);
      if (listener.wildcard && !listener.address.startsWith("127."))
        return `${where}: ${holder} listens on all addresses (port ${port}); let it listen on an address of its own ($HOST in a pod), or stop it`;
      return `${where}: ${holder} listens there already; stop it, or choose another port`;
    }
    case "EACCES":
      return `${where}: this user may not open port ${port}; choose one from 1024, or lower net.ipv4.ip_unprivileged_port_start`;
    case "EADDRNOTAVAIL":
      return `${where}: ${address} is not an address of this machine`;
    default:
      return `${where}: ${reasonOf(error)}`;
  }
}
