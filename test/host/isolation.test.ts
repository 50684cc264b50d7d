import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { ProxyRule } from "../../runtime/environment.ts";
import { openDoor } from "../../runtime/host/isolation/door.ts";
import { createIsolation, type Isolation, standardRanges } from "../../runtime/host/isolation/network.ts";
import { readLogs } from "../../runtime/host/logs.ts";
import { startExec } from "../../runtime/host/process/exec.ts";
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
const marker = `kdsl-isolation-${process.pid}`;

/** Why there are no networks on this machine; undefined where there are. */
async function missing(): Promise<string | undefined> {
  if (!tools) return "no namespaces";
  try {
    (await createIsolation({ tools, ranges: standardRanges, clusterId: marker })).close();
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
  let network: Isolation;
  let driver: DriverUnderTest;
  let proxy: HostProxy;

  beforeEach(async () => {
    network = await createIsolation({
      tools: tools!,
      ranges: standardRanges,
      clusterId: marker,
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

  test("containers of a pod see its processes and no others, behind the first that takes up what loses its parent", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    const script = "ps -e -o pid= -o args= | cut -c 1-60; ipcmk -M 10 >/dev/null; ipcs -m | grep -c 0x";
    driver.send(containerOf(podUid, ["sh", "-c", script], { container: "side" }));
    await driver.next("containerExited");
    const lines = (await output(podUid, "side")).trim().split("\n");
    expect(lines[0]).toMatch(/^ *1 \/bin\/sh -c trap/);
    expect(lines.filter((line) => line.includes("node -e"))).toHaveLength(1);
    expect(lines.length).toBeLessThan(10);
    expect(lines.at(-1)).toBe("1");
  });

  test("a pod at the address of one that is gone answers at once", async () => {
    const first = await startServer("web-0", "10.244.0.2");
    await startServer("web-1", "10.244.0.3");
    expect(await ask("10.244.0.2", 8080)).toMatch(/^web-0 /);
    driver.send({ type: "removeSandbox", podUid: first });
    await driver.next("sandboxRemoved");
    await startServer("web-2", "10.244.0.2");
    expect(await ask("10.244.0.2", 8080)).toMatch(/^web-2 /);
  });

  test("a signal reaches the program, whose exit code is the container's", async () => {
    const podUid = await startPod("web-0", "10.244.0.2", [
      process.execPath,
      "-e",
      `// ${marker}
       process.on("SIGTERM", () => setTimeout(() => process.exit(7), 50)); setInterval(() => {}, 1000); console.log("open")`,
    ]);
    await until(async () => (await output(podUid)).includes("open"), "it runs");
    driver.send({ type: "signalContainer", podUid, container: "main", attempt: 0, signal: "SIGTERM" });
    expect(await driver.next("containerExited")).toMatchObject({ exitCode: 7 });
    driver.send(containerOf(podUid, ["sh", "-c", "kill -9 $$"], { container: "side" }));
    expect(await driver.next("containerExited")).toMatchObject({ exitCode: 137, signal: 9 });
    expect(await output(podUid, "side")).toBe("");
  });

  test("a shell in a terminal gives it to what it runs", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    const options = {
      command: ["sh", "-ic", "sh -c 'tty > /dev/null && exit 4'; exit $?"],
      stdin: true,
      tty: true,
    };
    const exec = await startExec(driver.driver.pods.container(podUid, "main")!, options);
    let said = "";
    exec.program.stdout.on("data", (chunk) => {
      said += chunk;
    });
    expect((await exec.ended).code).toBe(4);
    expect(said).not.toMatch(/process group|job control/);
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

  test("what is asked while the process behind the door is killed is answered by the next", async () => {
    await startServer("web-0", "10.244.0.2");
    for (let round = 0; round < 3; round++) {
      for (const pid of processesWith("function doorProgram")) if (isOurs(pid)) process.kill(pid, "SIGKILL");
      const answers = Array.from({ length: 5 }, () => ask("10.244.0.2", 8080));
      expect(new Set(await Promise.all(answers))).toEqual(new Set(["web-0 10.240.0.1"]));
    }
  });

  test("the way out is there again where somebody kills what carries it", async ({ skip }) => {
    if (network.noWayOut !== undefined) skip(network.noWayOut);
    const stacks = () => processesWith("slirp4netns").filter(isOurs);
    const [first] = stacks();
    process.kill(first!, "SIGKILL");
    await until(() => stacks().some((pid) => pid !== first), "another carries it");
    const address = addressOfMachine();
    const outside = await listenOn(address, 0);
    const { port } = outside.address() as { port: number };
    const podUid = await startPod("web-0", "10.244.0.2", ["sleep", "1000"]);
    let attempt = 0;
    await until(async () => {
      driver.send(
        containerOf(podUid, ["sh", "-c", fetch(address, port)], { container: "side", attempt: attempt++ }),
      );
      await driver.next("containerExited");
      return (await output(podUid, "side")) === "";
    }, "it leads out");
    outside.close();
  });

  test("a pod whose first process is killed gets its namespaces anew with its next start", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    for (const attempt of [1, 2]) {
      for (const pid of processesWith("kdsl-init")) if (isOurs(pid)) process.kill(pid, "SIGKILL");
      expect(await driver.next("containerExited")).toMatchObject({ exitCode: 137 });
      driver.send(containerOf(podUid, server(8080), { attempt }));
      driver.send(containerOf(podUid, ["hostname"], { container: "side", attempt }));
      await driver.next("containerStarted");
      await driver.next("containerStarted");
      expect(await driver.next("containerExited")).toMatchObject({ container: "side", exitCode: 0 });
      await until(async () => (await output(podUid)).includes("open"), "it listens");
      expect(await ask("10.244.0.2", 8080)).toBe("web-0 10.240.0.1");
      expect(processesWith("kdsl-init").filter(isOurs)).toHaveLength(1);
    }
    await until(() => descriptors() <= before, "no descriptor is left open");
  });

  test("of a pod whose network cannot be made nothing is left, and the reason is told", async () => {
    driver.send(sandboxOf("uid-web-0", { address: "10.244.0.300" }));
    expect((await driver.next("sandboxFailed")).message).toMatch(/^cannot make the pod's network: .*/);
    await until(() => !processesWith("kdsl-init").some(isOurs), "its first process is gone");
  });

  test("a port that is taken is taken within the pod", async () => {
    const podUid = await startServer("web-0", "10.244.0.2");
    driver.send(containerOf(podUid, server(8080), { container: "side", ports: [8080] }));
    expect((await driver.next("containerExited")).message).toBe(
      "port 8080 is taken within this pod: its containers share one network; give them different ports",
    );
  });
});

test.runIf(tools).each([
  [
    { serviceCIDR: "fd00::/108" },
    "fd00::/108 is no range of IPv4 addresses, and others are not to be had here",
  ],
  [{ podCIDR: "127.6.0.0/16" }, "127.6.0.0/16 has addresses of 127.0.0.0/8, which no network routes"],
  [{ serviceCIDR: "192.0.0.0/2" }, "192.0.0.0/2 has addresses of 224.0.0.0/4, which no network routes"],
  [
    { serviceCIDR: "10.244.8.0/24" },
    "services (10.244.8.0/24) and pods (10.244.0.0/16) have addresses in common",
  ],
])("ranges %o are refused, with the reason", async (ranges, why) => {
  await expect(
    createIsolation({ tools: tools!, ranges: { ...standardRanges, ...ranges }, clusterId: marker }),
  ).rejects.toThrow(`pods cannot be isolated: ${why}; change \`cluster\` or run without --isolate`);
});

test("a tool that hangs does not hold the start for ever", async () => {
  await expect(openDoor(["/bin/sh", "-c", "exec sleep 1000"], {}, 50)).rejects.toThrow(
    "/bin/sh does not come to an end",
  );
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
