import type { Socket } from "node:net";
import type { Random } from "../../../base/random.ts";
import type { ProxyDriver, ProxyEvent, ProxyRule } from "../../environment.ts";
import { machineSockets, type Sockets } from "../sockets.ts";
import { type Chooser, createChooser } from "./choose.ts";
import { createRuleListener, type RuleListener } from "./listener.ts";

export interface HostProxy extends ProxyDriver {
  /** Closes every port and ends every connection. */
  close(): void;
}

export interface HostProxyOptions {
  readonly random: Random;
  /** The name of a container from its mark, for messages about ports that are taken. */
  /** Absent: this machine's. */
  readonly sockets?: Sockets;
  readonly nameOf?: (mark: string) => string | undefined;
}

/**
 * The service proxies: TCP load balancers in this process, one listener for each rule. A change of rules leaves
 * established connections alone; they end with the pod at their other side. UDP and SCTP are not proxied.
 */
export function createHostProxy(options: HostProxyOptions): HostProxy {
  const entries = new Map<string, { rule: ProxyRule; listener: RuleListener; chooser: Chooser }>();
  const clients = new Set<Socket>();
  let handler: (event: ProxyEvent) => void = () => {};
  const { sockets = machineSockets } = options;
  const nameOf = options.nameOf ?? (() => undefined);
  const emit = (event: ProxyEvent) => handler(event);

  return {
    onEvent(next) {
      handler = next;
    },
    apply(rules) {
      const wanted = new Map(rules.map((rule) => [`${rule.address}:${rule.port}`, rule]));
      for (const [key, { listener }] of entries) {
        if (wanted.has(key)) continue;
        listener.close();
        entries.delete(key);
      }
      for (const [key, rule] of wanted) {
        const entry = entries.get(key);
        if (entry && entry.rule.service === rule.service && entry.rule.portName === rule.portName) {
          entry.rule = rule;
          entry.listener.update(rule);
          continue;
        }
        // Another service at the same place begins anew: affinity is by service port.
        entry?.listener.close();
        const chooser = createChooser(options.random.fork(key), Date.now);
        entries.set(key, {
          rule,
          chooser,
          listener: createRuleListener(rule, chooser, emit, nameOf, clients, sockets),
        });
      }
    },
    close() {
      for (const { listener } of entries.values()) listener.close();
      for (const client of clients) client.destroy();
      entries.clear();
      handler = () => {};
    },
  };
}
