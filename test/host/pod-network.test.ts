import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { ProxyRule } from "../../runtime/environment.ts";
import { readLogs } from "../../runtime/host/logs.ts";
import { createPodNetwork, type PodNetwork, standardRanges } from "../../runtime/host/pod-network/network.ts";
import { createHostProxy, type HostProxy } from "../../runtime/host/proxy/proxy.ts";
import { streamPods } from "../../runtime/host/streams/pods.ts";
import {
  containerOf,
  type DriverUnderTest,
  listenOn,
  namespaceTools,
  processesWith,
  sandboxOf,
  startDriver,
  until,
} from "./support.ts";

const tools = await namespaceTools();
const marker = `kdsl-pod-network-${process.pid}`;

/** Why there are no networks on this machine; undefined where there are. */
async function missing(): Promise<string | undefined> {
  if (!tools) return "no namespaces";
  try {
    (await createPodNetwork({ tools, ranges: standardRanges, env: {} })).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
const problem = await missing();
if (problem !== undefined) console.warn(`pods' own networks are not tested: ${problem}`);

/** A server at all addresses, which answers every connection with its host name and who asks. */
const server = (port: number) => [
  process.execPath,
  "-e",
  `// ${marker}
   const name = require("os").hostname();
   require("net").createServer((s) => s.end(name + " " + s.remoteAddress + "\\n")).listen(${port}, "0.0.0.0", () => console.log("open"));`,
];

describe.skipIf(problem !== undefined)("pods with networks of their own", () => {
  let network: PodNetwork;
  let driver: DriverUnderTest;
  let proxy: HostProxy;

  beforeEach(async () => {
    network = await createPodNetwork({
      tools: tools!,
      ranges: standardRanges,
      env: { KDSL_CLUSTER: marker },
    });
    driver = startDriver(tools, process.env, network);
    proxy = createHostProxy({ random: seededRandom(7), sockets: network.sockets });
  });

  afterEach(async () => {
    proxy.close();
    await driver.close();
    network.close();
    await until(() => processesWith(marker).length === 0, "nothing is left running");
  });

  const output = async (podUid: string, container = "main") => {
    let text = "";
    for await (const line of readLogs({ directory: driver.directory, podUid, container })) text += line;
    return text;
  };

  /** Starts a pod whose container runs this command; resolves when it runs. */
  async function startPod(
    name: string,
    address: string,
    command: readonly string[],
    pod = {},
  ): Promise<string> {
    const podUid = `uid-${name}`;
    const sandbox = sandboxOf(podUid, { address, hosts: [{ address: "10.96.0.10", names: ["web"] }] });
    driver.send({ ...sandbox, pod: { ...sandbox.pod, spec: { ...sandbox.pod.spec, ...pod } } });
    await driver.next("sandboxReady");
    driver.send(containerOf(podUid, command));
    await driver.next("containerStarted");
    return podUid;
  }

  async function startServer(name: string, address: string, port = 8080, pod = {}): Promise<string> {
    const podUid = await startPod(name, address, server(port), pod);
    await until(async () => (await output(podUid)).includes("open"), `${name} listens`);
    return podUid;
  }

  /** Runs a command in a pod of its own, to its end. */
  async function runIn(name: string, address: string, script: string): Promise<string[]> {
    const podUid = await startPod(name, address, ["sh", "-c", script]);
    await driver.next("containerExited");
    return (await output(podUid)).trim().split("\n");
  }

  const read = async (socket: Socket) => {
    let text = "";
    for await (const chunk of socket) text += chunk;
    return text.trim();
  };
  const ask = async (address: string, port: number) =>
    read(await network.sockets.connect(address, port, 2_000));
  const fetch = (address: string, port: number) =>
    `${process.execPath} -e 'require("net").connect(${port}, "${address}").on("error", (e) => console.log(e.code)).pipe(process.stdout)'`;

  function serve(
    rule: Partial<ProxyRule> & Pick<ProxyRule, "address" | "port" | "backends">,
  ): Promise<unknown> {
    const listening = new Promise((resolve) => proxy.onEvent(resolve));
    proxy.apply([{ service: "Service/default/web", portName: "http", purpose: "clusterIP", ...rule }]);
    return listening;
  }

  test("replicas listen at all addresses on one port, below 1024 too", async () => {
    await startServer("web-0", "10.244.0.2", 80);
    await startServer("web-1", "10.244.1.2", 80);
    expect(await ask("10.244.0.2", 80)).toBe("web-0 10.240.0.1");
    expect(await ask("10.244.1.2", 80)).toBe("web-1 10.240.0.1");
    await expect(ask("10.244.0.2", 81)).rejects.toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
  });

  test("pods reach each other, and see who asks", async () => {
    await startServer("web-0", "10.244.0.2");
    expect(await runIn("asks", "10.244.1.9", fetch("10.244.0.2", 8080))).toEqual(["web-0 10.244.1.9"]);
  });

  test("containers of a pod share localhost and the host name", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    const script = `hostname; ${fetch("127.0.0.1", 8080)}; grep localhost /etc/hosts`;
    driver.send(containerOf(podUid, ["sh", "-c", script], { container: "side" }));
    await driver.next("containerExited");
    expect((await output(podUid, "side")).split("\n")).toEqual(
      expect.arrayContaining(["web-0", "web-0 127.0.0.1", "127.0.0.1\tlocalhost"]),
    );
  });

  test("nobody else is at a pod's localhost", async () => {
    const outside = await listenOn("127.0.0.1", 0);
    const { port } = outside.address() as { port: number };
    expect(await runIn("asks", "10.244.0.3", fetch("127.0.0.1", port))).toEqual(["ECONNREFUSED"]);
    outside.close();
  });

  test("a service answers at its address in every pod, also in the one that serves", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    await serve({ address: "10.96.0.10", port: 80, backends: [{ address: "10.244.0.2", port: 8080 }] });
    expect(await runIn("asks", "10.244.1.3", fetch("web", 80))).toEqual(["web-0 10.240.0.1"]);
    driver.send(containerOf(podUid, ["sh", "-c", fetch("web", 80)], { container: "side" }));
    await driver.next("containerExited");
    expect(await output(podUid, "side")).toBe("web-0 10.240.0.1\n");
  });

  test("a node port answers at the node inside, and on this machine at localhost", async () => {
    await startServer("web-0", "10.244.0.2");
    const backends = [{ address: "10.244.0.2", port: 8080 }];
    const port = 31_000 + (process.pid % 1_000);
    await serve({ purpose: "nodePort", address: "127.0.0.1", port, backends });
    expect(await ask("127.0.0.1", port)).toBe("web-0 10.240.0.1");
    await serve({ purpose: "nodePort", address: "10.240.0.10", port, backends });
    expect(await runIn("asks", "10.244.1.3", fetch("10.240.0.10", port))).toEqual(["web-0 10.240.0.1"]);
  });

  test("a service leads out to what this machine reaches, and no pod reaches what listens at its 127.0.0.1", async () => {
    const outside = createServer((socket) => socket.end("outside\n"));
    await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
    const { port } = outside.address() as { port: number };
    await serve({ address: "10.96.0.10", port: 5432, backends: [{ address: "127.0.0.1", port }] });
    expect(await runIn("asks", "10.244.1.3", fetch("web", 5432))).toEqual(["outside"]);
    const gateways = ["10.240.0.1", "10.241.0.2"].map((address) => fetch(address, port)).join("\n");
    expect(await runIn("strays", "10.244.1.4", gateways)).not.toContain("outside");
    outside.close();
  });

  test("programs get out where this machine has the means for it; else they are refused at once", async () => {
    const address = addressOfMachine();
    const outside = createServer((socket) => socket.end("outside\n"));
    await new Promise<void>((resolve) => outside.listen(0, address, resolve));
    const { port } = outside.address() as { port: number };
    const script = `${fetch(address, port)}; cat /etc/resolv.conf`;
    expect(await runIn("asks", "10.244.1.3", script)).toEqual(
      network.noWayOut === undefined
        ? ["outside", "nameserver 10.241.0.3"]
        : ["ENETUNREACH", "nameserver 127.0.0.1"],
    );
    outside.close();
  });

  test("a pod of the host's network has the nodes'", async () => {
    await startServer("host", "10.240.0.10", 8080, { hostNetwork: true });
    expect(await ask("10.240.0.10", 8080)).toMatch(/ 10\.240\.0\.\d+$/);
  });

  test("probes go where the pod is", async () => {
    await startServer("web-0", "10.244.0.2");
    const probe = {
      type: "probe",
      podUid: "uid-web-0",
      container: "main",
      attempt: 0,
      probe: "readiness",
    } as const;
    for (const [sequence, port] of [8080, 8081].entries()) {
      const action = { tcpSocket: { port } };
      driver.send({ ...probe, sequence, action, address: "10.244.0.2", timeoutMilliseconds: 2_000 });
    }
    const outcomes = [await driver.next("probeResult"), await driver.next("probeResult")];
    expect(
      Object.fromEntries(outcomes.map(({ sequence, outcome, output }) => [sequence, [outcome, output]])),
    ).toEqual({
      0: ["success", ""],
      1: ["failure", "dial tcp 10.244.0.2:8081: connect: connection refused"],
    });
  });

  test("a forwarded port reaches what listens at the pod's 127.0.0.1 alone", async () => {
    const script = `require("net").createServer((s) => s.end("local\\n")).listen(9000, "127.0.0.1", () => console.log("open")) // ${marker}`;
    const podUid = await startPod("web-0", "10.244.0.2", [process.execPath, "-e", script]);
    await until(async () => (await output(podUid)).includes("open"), "it listens");
    const pods = streamPods(driver.driver.pods, { openPort: (port) => port }, network.sockets);
    expect(await read(await pods.dial(podUid, "10.244.0.2", 9000))).toBe("local");
    await expect(pods.dial(podUid, "10.244.0.2", 9001)).rejects.toThrow(
      "dial tcp 10.244.0.2:9001: connect: connection refused",
    );
  });

  test("the pause process and the one behind the door can be killed", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    const doors = () => processesWith("function doorProgram");
    const before = doors();
    for (const pid of before) if (isOurs(pid)) process.kill(pid, "SIGKILL");
    for (const pid of processesWith(`kdsl-pause ${driver.directory}`)) process.kill(pid, "SIGKILL");
    await until(
      () => doors().some((pid) => !before.includes(pid) && isOurs(pid)),
      "another stands at the door",
    );
    expect(await ask("10.244.0.2", 8080)).toBe("web-0 10.240.0.1");
    driver.send(containerOf(podUid, ["hostname"], { container: "side" }));
    await driver.next("containerExited");
    expect(await output(podUid, "side")).toBe("web-0\n");
  });

  test("a port that is taken is taken within the pod", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    driver.send(containerOf(podUid, server(8080), { container: "side", ports: [8080] }));
    expect((await driver.next("containerExited")).message).toBe(
      "port 8080 is taken within this pod: its containers share one network; give them different ports",
    );
  });
});

/** An address of this machine that is not 127.0.0.1's; the test is of no use where it has none but that. */
function addressOfMachine(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

/** Whether a process is of the cluster of this test. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`KDSL_CLUSTER=${marker}`);
  } catch {
    return false;
  }
}
