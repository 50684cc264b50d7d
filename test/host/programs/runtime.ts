import type { PodCommand, PodEvent } from "../../../runtime/environment.ts";
import { createHostEnvironment } from "../../../runtime/host/environment.ts";

/**
 * A small runtime: one pod with a server, a daemon that left its session with its environment cleared of nothing, one
 * that cleared it, and a service in front. Prints where everything is, then waits to be killed or, on SIGTERM, closes.
 */
const [file = "", namespaces = "auto", nap = ""] = process.argv.slice(2);
const host = await createHostEnvironment({
  name: "kill",
  file,
  namespaces: namespaces as "auto" | "off",
}).catch((error) => {
  console.log(JSON.stringify({ error: error.message, code: error.code, details: error.details }));
  process.exit(1);
});
const { driver, proxy, network } = host.environment;
const prefix = `127.${host.claim.x}`;
const address = `${prefix}.128.2`;
const waiting: { type: string; resolve: (event: PodEvent) => void }[] = [];
driver.onEvent((event) => {
  const index = waiting.findIndex(({ type }) => type === event.type);
  if (index >= 0) waiting.splice(index, 1)[0]!.resolve(event);
});
const ask = (command: PodCommand, type: PodEvent["type"]) => {
  driver.send(command);
  return new Promise<PodEvent>((resolve) => waiting.push({ type, resolve }));
};
const podUid = "uid-kill";
await ask(
  {
    ...{
      type: "createSandbox",
      podUid,
      nodeName: "n",
      nodeAddress: `${prefix}.0.10`,
      address,
      hostname: "kill-1",
    },
    pod: {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "kill-1", uid: podUid } },
      spec: { containers: [{ name: "main", image: "x" }] },
    },
    volumes: [{ name: "data", type: "emptyDir" }],
    hosts: [],
  },
  "sandboxReady",
);
const script = `
setsid sleep ${nap}1 &
env -i sleep ${nap}2 &
echo to-stdout > /dev/stdout
echo to-stderr > /dev/stderr
exec node -e 'require("http").createServer((q, s) => s.end("served\\n")).listen(8080, "${address}")'`;
const common = { podUid, container: "main", attempt: 0 } as const;
await ask(
  {
    ...{
      type: "startContainer",
      ...common,
      image: "x",
      command: ["sh", "-c", script],
      env: () => [],
      ports: [8080],
    },
    ...{ limits: {}, secretNames: [], mounts: [{ volume: "data", path: "/kdsl-kill", readOnly: false }] },
  },
  "containerStarted",
);
for (;;) {
  const action = { httpGet: { port: 8080 } };
  const probe = { type: "probe", ...common, probe: "readiness", sequence: 1, action, address } as const;
  const result = await ask({ ...probe, timeoutMilliseconds: 1000 }, "probeResult");
  if (result.type === "probeResult" && result.outcome === "success") break;
}
const rule = {
  service: "Service/default/web",
  portName: "http",
  purpose: "clusterIP",
  address: `${prefix}.16.1`,
} as const;
const port = network.openPort(80);
await new Promise<void>((resolve) => {
  proxy.onEvent(() => resolve());
  proxy.apply([{ ...rule, port, backends: [{ address, port: 8080 }] }]);
});
const lines: string[] = [];
for await (const line of host.logs.read({ podUid, container: "main" })) lines.push(line.trim());
console.log(
  JSON.stringify({ record: host.claim.record(), service: `http://${rule.address}:${port}/`, lines, address }),
);
process.on("SIGTERM", () => void host.close());
setInterval(() => {}, 1000);
