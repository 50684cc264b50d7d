import type { Random } from "../../../base/random.ts";
import type { ProxyRule } from "../../environment.ts";

export type Backend = ProxyRule["backends"][number];

/** Clients that are remembered per rule; past it, the ones that came longest ago are forgotten. */
const mostClients = 10_000;

interface Choice {
  backend: Backend;
  /** Milliseconds since the epoch. */
  until: number;
}

/** Chooses backends as kube-proxy does: at random for each connection, or the same again for a client (ClientIP). */
export interface Chooser {
  /** Every backend, in the order in which to try them. */
  order(rule: ProxyRule, client: string): Backend[];
  /** Notes the one that answered. Affinity is renewed by each new connection. */
  settled(rule: ProxyRule, client: string, backend: Backend): void;
}

export function createChooser(random: Random, now: () => number): Chooser {
  const choices = new Map<string, Choice>();
  return {
    order(rule, client) {
      const order = shuffled(rule.backends, random);
      if (rule.affinitySeconds === undefined) return order;
      const choice = choices.get(client);
      if (!choice || choice.until < now()) return order;
      const index = order.findIndex((each) => same(each, choice.backend));
      if (index > 0) order.unshift(...order.splice(index, 1));
      return order;
    },
    settled(rule, client, backend) {
      if (rule.affinitySeconds === undefined) return;
      choices.delete(client);
      choices.set(client, { backend, until: now() + rule.affinitySeconds * 1000 });
      if (choices.size > mostClients) choices.delete(choices.keys().next().value!);
    },
  };
}

export function same(a: Backend, b: Backend): boolean {
  return a.address === b.address && a.port === b.port;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
