import type { Socket } from "node:net";
import type { NetworkPlan } from "../../environment.ts";
import { holderOf, listenersOn } from "../holders.ts";
import { openDoor } from "../isolation/door.ts";
import type { ContainerProcess } from "../process/container.ts";
import type { RunningPods } from "../process/driver.ts";
import { dialProblem } from "../process/tcp-connect.ts";
import { machineSockets, type Sockets } from "../sockets.ts";

/** The pods of this machine, as streams need them. */
export interface StreamPods {
  container(podUid: string, container: string): ContainerProcess | undefined;
  /** Aborted when the pod is taken away; undefined where it does not run. */
  removal(podUid: string): AbortSignal | undefined;
  /** Opens a connection to a port of a pod. Rejects with what is wrong. */
  dial(podUid: string, address: string, port: number): Promise<Socket>;
  /** By which services and pods are reached. */
  readonly sockets: Sockets;
}

/**
 * A pod answers at its address. What listens at 127.0.0.1 alone, which Kubernetes' port-forward reaches too, is
 * connected to in the pod's own network; where it has none, only if it is a program of this very pod, since all such
 * pods share the machine's 127.0.0.1.
 */
export function streamPods(
  pods: RunningPods,
  network: Pick<NetworkPlan, "openPort">,
  sockets: Sockets = machineSockets,
): StreamPods {
  return {
    container: pods.container,
    removal: pods.removal,
    sockets,
    async dial(podUid, address, port) {
      const open = network.openPort(port);
      try {
        return await dial(sockets, address, open);
      } catch (error) {
        const enter = pods.enterNetwork(podUid);
        if (enter) return dialWithin(enter, open).catch(() => Promise.reject(error));
        const local = [...new Set([port, open])].find((each) => isLocalTo(podUid, each));
        if (local === undefined) throw error;
        return dial(machineSockets, "127.0.0.1", local);
      }
    },
  };
}

/** Opens a connection to a pod's 127.0.0.1 from inside the pod. */
async function dialWithin(enter: readonly string[], port: number): Promise<Socket> {
  const door = await openDoor(enter, {});
  try {
    return await dial(door, "127.0.0.1", port);
  } finally {
    door.close();
  }
}

function isLocalTo(podUid: string, port: number): boolean {
  const listener = listenersOn(port).find(({ address }) => address === "127.0.0.1");
  return listener !== undefined && holderOf(listener.inode)?.mark?.startsWith(`${podUid}/`) === true;
}

const dialMilliseconds = 10_000;

/** Opens a connection. Rejects with the words of Go's dialler. */
async function dial(sockets: Sockets, host: string, port: number): Promise<Socket> {
  try {
    const socket = await sockets.connect(host, port, dialMilliseconds);
    socket.allowHalfOpen = true;
    return socket;
  } catch (error) {
    throw new Error(`dial tcp ${host}:${port}: ${dialProblem(error)}`);
  }
}
