import type { KindMap } from "../../model/core.ts";
import { kinds, type Stored, timestamp } from "../../model/meta.ts";
import { container, node, pod, rc, service, setStatus, type World } from "../runtime/apiserver/world.ts";

/** A small shop as it stands after a while: two nodes, an rc with two pods and a service, a pod that restarts. */
export function fillShop(world: World): void {
  const { registry, clock } = world;
  const seconds = (ago: number) => timestamp(clock.now() - ago * 1000);
  for (const name of ["worker-a", "worker-b"]) {
    const created = registry.create(node(name, { metadata: { name, labels: { zone: name.slice(-1) } } }));
    setStatus(world, created, nodeStatus(name, seconds(60)));
    registry.create<"Lease">({
      apiVersion: kinds.Lease.apiVersion,
      kind: "Lease",
      metadata: { name, namespace: "kube-node-lease" },
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: 40,
        renewTime: `${seconds(3).slice(0, -1)}.000000Z`,
      },
    });
  }
  const web = registry.create<"ReplicationController">(webRc());
  const owner = {
    apiVersion: "v1",
    kind: "ReplicationController",
    name: "web",
    uid: web.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  for (const [index, name] of ["web-aaaaa", "web-bbbbb"].entries()) {
    const template = web.spec.template;
    const created = registry.create<"Pod">({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", labels: { app: "web" }, ownerReferences: [owner] },
      spec: template.spec,
    });
    registry.bind("default", name, index === 0 ? "worker-a" : "worker-b");
    registry.event(
      created,
      "default-scheduler",
      "Normal",
      "Scheduled",
      `Successfully assigned default/${name} to worker-a`,
    );
    clock.advance(2000);
    const bound = registry.get("Pod", "default", name)!;
    setStatus(world, bound, podStatus(bound, `127.9.129.${index + 2}`, seconds(2), index === 0 ? 3 : 0));
    for (let count = 0; count < 3 && index === 0; count++) {
      registry.event(
        created,
        "kubelet",
        "Warning",
        "BackOff",
        "Back-off restarting failed container server",
        {
          host: "worker-a",
          fieldPath: "spec.containers{server}",
        },
      );
      clock.advance(1000);
    }
  }
  setStatus(world, registry.get("ReplicationController", "default", "web")!, {
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 1,
    availableReplicas: 1,
    observedGeneration: 1,
  });
  registry.create(
    service("web", {
      type: "NodePort",
      ports: [{ name: "http", port: 80, targetPort: "http", nodePort: 30080 }],
    }),
  );
  registry.create<"Endpoints">({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "web", namespace: "default" },
    subsets: [
      {
        addresses: [{ ip: "127.9.129.2" }],
        notReadyAddresses: [{ ip: "127.9.129.3" }],
        ports: [{ name: "http", port: 8080 }],
      },
    ],
  });
  registry.create(pod("job", { restartPolicy: "Never", nodeSelector: { zone: "c" } }));
  registry.create<"Secret">({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login", namespace: "default" },
    data: { password: "c2VjcmV0" },
  });
}

function webRc() {
  return rc("web", 2, {
    initContainers: [container("prepare", { command: ["sh", "-c", "true"] })],
    containers: [
      container("server", {
        command: ["node", "server.mjs"],
        args: ["--verbose"],
        ports: [{ name: "http", containerPort: 8080 }],
        env: [
          { name: "LOG", value: "debug" },
          { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
          { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        volumeMounts: [
          { name: "login", mountPath: "/login", readOnly: true },
          { name: "cache", mountPath: "/cache" },
        ],
        readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 2 },
        livenessProbe: { tcpSocket: { port: 8080 } },
      }),
      container("log"),
    ],
    volumes: [
      { name: "cache", emptyDir: { sizeLimit: "64Mi" } },
      { name: "data", hostPath: { path: "/srv/data" } },
      { name: "login", secret: { secretName: "login" } },
    ],
  });
}

function nodeStatus(name: string, since: string): object {
  const ready = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: since,
    lastTransitionTime: since,
  });
  return {
    phase: "Running",
    capacity: { cpu: "4", memory: "8Gi", pods: "110", "ephemeral-storage": "100Gi" },
    allocatable: { cpu: "4", memory: "8Gi", pods: "110", "ephemeral-storage": "100Gi" },
    conditions: [
      ready(
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
      ),
      ready("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ],
    addresses: [
      { type: "InternalIP", address: "127.9.0.10" },
      { type: "Hostname", address: name },
    ],
    nodeInfo: {
      machineID: "0f1e",
      systemUUID: "0f1e",
      bootID: "b007",
      kernelVersion: "6.18.0",
      osImage: "Debian GNU/Linux 12",
      containerRuntimeVersion: "process://0.1.0",
      kubeletVersion: "v1.36.2+kdsl.0.1.0",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
  };
}

function podStatus(object: Stored<KindMap["Pod"]>, ip: string, since: string, restartCount: number): object {
  const ready = restartCount === 0 ? "True" : "False";
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: since });
  const running = { state: { running: { startedAt: since } }, lastState: {} };
  const crashed = {
    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
    lastState: { terminated: { exitCode: 137, reason: "Error", startedAt: since, finishedAt: since } },
  };
  const status = (name: string, more: object) => ({
    name,
    ready: true,
    restartCount: 0,
    image: `shop/${name}:1`,
    imageID: "",
    containerID: `process://${name}`,
    started: true,
    ...running,
    ...more,
  });
  return {
    phase: "Running",
    hostIP: "127.9.0.10",
    podIP: ip,
    podIPs: [{ ip }],
    startTime: since,
    qosClass: object.status?.qosClass,
    conditions: [
      condition("PodReadyToStartContainers", "True"),
      condition("Initialized", "True"),
      condition("Ready", ready),
      condition("ContainersReady", ready),
      condition("PodScheduled", "True"),
    ],
    initContainerStatuses: [
      status("prepare", {
        state: { terminated: { exitCode: 0, reason: "Completed", startedAt: since, finishedAt: since } },
      }),
    ],
    containerStatuses: [
      status("server", restartCount > 0 ? { ready: false, restartCount, ...crashed } : {}),
      status("log", {}),
    ],
  };
}
