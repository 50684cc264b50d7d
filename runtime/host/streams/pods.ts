import { connect, type Socket } from "node:net";
import type { NetworkPlan } from "../../environment.ts";
import { reasonOf } from "../errors.ts";
import { holderOf, listenersOn } from "../holders.ts";
import type { ContainerProcess } from "../process/container.ts";
import type { RunningPods } from "../process/driver.ts";

/** The pods of this machine, as streams need them. */
export interface StreamPods {
  container(podUid: string, container: string): ContainerProcess | undefined;
  /** Aborted when the pod is taken away; undefined where it does not run. */
  removal(podUid: string): AbortSignal | undefined;
  /** Opens a connection to a port of a pod. Rejects with what is wrong. */
  dial(podUid: string, address: string, port: number): Promise<Socket>;
}

/**
 * A pod answers at its address. What listens at 127.0.0.1 alone, which Kubernetes' port-forward reaches too, is
 * connected to only where it is a program of this very pod: all pods share the machine's 127.0.0.1.
 */
export function streamPods(pods: RunningPods, network: Pick<NetworkPlan, "openPort">): StreamPods {
  return {
    container: pods.container,
    removal: pods.removal,
    async dial(podUid, address, port) {
      const open = network.openPort(port);
      try {
        return await dial(address, open);
      } catch (error) {
        const local = [...new Set([port, open])].find((each) => isLocalTo(podUid, each));
        if (local === undefined) throw error;
        return dial("127.0.0.1", local);
      }
    },
  };
}

function isLocalTo(podUid: string, port: number): boolean {
  const listener = listenersOn(port).find(({ address }) => address === "127.0.0.1");
  return listener !== undefined && holderOf(listener.inode)?.mark?.startsWith(`${podUid}/`) === true;
}

const dialMilliseconds = 10_000;

/** Opens a connection. Rejects with the words of Go's dialler. */
function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const fail = (problem: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`dial tcp ${host}:${port}: ${problem}`));
    };
    const timer = setTimeout(() => fail("i/o timeout"), dialMilliseconds);
    socket.once("error", (error) => fail(`connect: ${reasonOf(error)}`));
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}
