import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duplicateFields } from "../../../runtime/apiserver/schema/duplicates.ts";
import { call, createWorld, pod, rc, service, table } from "./world.ts";

/** What people get wrong in objects, and what they are told: the texts of Kubernetes, field by field. */

const paths: Readonly<Record<string, string>> = {
  Pod: "/api/v1/namespaces/default/pods",
  Service: "/api/v1/namespaces/default/services",
  ReplicationController: "/api/v1/namespaces/default/replicationcontrollers",
  ConfigMap: "/api/v1/namespaces/default/configmaps",
  Secret: "/api/v1/namespaces/default/secrets",
  Endpoints: "/api/v1/namespaces/default/endpoints",
  Event: "/api/v1/namespaces/default/events",
  Lease: "/apis/coordination.k8s.io/v1/namespaces/default/leases",
  Namespace: "/api/v1/namespaces",
  Node: "/api/v1/nodes",
};

const post = (kind: string, body: object, query = "") =>
  call(createWorld(), "POST", `${paths[kind]}${query}`, { body: { metadata: { name: "x" }, ...body } });

/** A pod of one container, with more said of it and of its container. */
const podWith = (spec: object, container: object = {}) => ({
  spec: { containers: [{ name: "c", image: "i", ...container }], ...spec },
});

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const required = (term: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });
const pods = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";

const mistakes: [kind: string, what: string, body: object, told: string[]][] = [
  ["Pod", "no spec", {}, ["spec.containers: Required value"]],
  [
    "Pod",
    "a container without anything",
    { spec: { containers: [{}] } },
    ["spec.containers[0].name: Required value", "spec.containers[0].image: Required value"],
  ],
  [
    "Pod",
    "a name in capitals",
    podWith({}, { name: "Web" }),
    [`spec.containers[0].name: Invalid value: "Web": ${label}`],
  ],
  [
    "Pod",
    "two containers of one name",
    {
      spec: {
        containers: [
          { name: "c", image: "i" },
          { name: "c", image: "i" },
        ],
      },
    },
    ['spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    "Pod",
    "a resource that is none",
    podWith({}, { resources: { requests: { gpu: "1", pods: "1" } } }),
    [
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'spec.containers[0].resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers',
    ],
  ],
  [
    "Pod",
    "more asked for than allowed",
    podWith({}, { resources: { requests: { cpu: "2" }, limits: { cpu: "500m" } } }),
    [
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 500m',
    ],
  ],
  [
    "Pod",
    "a port out of range, of no protocol, with a long name",
    podWith({}, { ports: [{ containerPort: 70000, protocol: "HTTP", name: "a-very-long-port-name" }] }),
    [
      'spec.containers[0].ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters',
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
      'spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"',
    ],
  ],
  [
    "Pod",
    "a mount of no volume",
    podWith({}, { volumeMounts: [{ name: "data" }] }),
    [
      'spec.containers[0].volumeMounts[0].name: Not found: "data"',
      "spec.containers[0].volumeMounts[0].mountPath: Required value",
    ],
  ],
  [
    "Pod",
    "a policy that is none",
    podWith(
      { restartPolicy: "always", dnsPolicy: "Cluster", preemptionPolicy: "No" },
      { imagePullPolicy: "Missing" },
    ),
    [
      'spec.containers[0].imagePullPolicy: Unsupported value: "Missing": supported values: "Always", "IfNotPresent", "Never"',
      'spec.restartPolicy: Unsupported value: "always": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsPolicy: Unsupported value: "Cluster": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      'spec.preemptionPolicy: Unsupported value: "No": supported values: "Never", "PreemptLowerPriority"',
    ],
  ],
  [
    "Pod",
    "a probe of two kinds",
    podWith({}, { livenessProbe: { exec: { command: ["x"] }, tcpSocket: { port: 1 }, successThreshold: 2 } }),
    [
      "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
      "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
    ],
  ],
  [
    "Pod",
    "a place beside other pods that is not said",
    podWith({
      affinity: {
        podAntiAffinity: required({
          namespaces: ["A"],
          labelSelector: {
            matchExpressions: [
              { key: "a", operator: "In" },
              { key: "b", operator: "Is" },
              { key: "c", operator: "Exists", values: ["x"] },
            ],
          },
        }),
      },
    }),
    [
      `${pods}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${pods}.labelSelector.matchExpressions[1].operator: Invalid value: "Is": not a valid selector operator`,
      `${pods}.labelSelector.matchExpressions[2].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      `${pods}.namespace: Invalid value: "A": ${label}`,
      `${pods}.topologyKey: Required value: can not be empty`,
    ],
  ],
  [
    "Pod",
    "a weight beyond 100",
    podWith({
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 101, podAffinityTerm: { topologyKey: "a b" } },
          ],
        },
      },
    }),
    [
      "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
      "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    "Pod",
    "a spread that is not said",
    podWith({
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "Never" },
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 },
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", nodeTaintsPolicy: "Yes" },
      ],
    }),
    [
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
      "spec.topologySpreadConstraints[1].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
      'spec.topologySpreadConstraints[2].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"',
      'spec.topologySpreadConstraints[2].nodeTaintsPolicy: Unsupported value: "Yes": supported values: "Honor", "Ignore"',
    ],
  ],
  [
    "Pod",
    "addresses and gates",
    podWith({
      hostAliases: [{ ip: "here", hostnames: ["a_b"] }],
      dnsPolicy: "None",
      schedulingGates: [{ name: "a" }, { name: "a" }],
      nodeName: "n",
      os: { name: "plan9" },
      securityContext: { runAsUser: -1 },
    }),
    [
      'spec.os.name: Unsupported value: "plan9": supported values: "linux", "windows"',
      'spec.hostAliases[0].ip: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.hostAliases[0].hostnames[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
      'spec.schedulingGates[1]: Duplicate value: "a"',
      "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
      "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ],
  ],
  [
    "Pod",
    "a dnsConfig that is too long",
    podWith({
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["1.1.1.1", "x", "1.1.1.3", "1.1.1.4"], options: [{}] },
    }),
    [
      'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","x","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers',
      'spec.dnsConfig.nameservers[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.dnsConfig.options[0]: Required value: must not be empty",
    ],
  ],
  [
    "ReplicationController",
    "no spec",
    {},
    ["spec.selector: Required value", "spec.template: Required value"],
  ],
  [
    "ReplicationController",
    "pods that it does not select, and that end",
    {
      spec: {
        replicas: -1,
        selector: { app: "x" },
        template: {
          metadata: { labels: { app: "y" } },
          spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] },
        },
      },
    },
    [
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
      'spec.template.metadata.labels: Invalid value: {"app":"y"}: `selector` does not match template `labels`',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ],
  [
    "Pod",
    "a container to debug with from the start",
    podWith({ ephemeralContainers: [{ name: "d", image: "i" }] }),
    ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
  ],
  [
    "ReplicationController",
    "a container to debug with in the template",
    {
      spec: {
        selector: { a: "b" },
        template: { metadata: { labels: { a: "b" } }, ...podWith({ ephemeralContainers: [{ name: "d" }] }) },
      },
    },
    ["spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"],
  ],
  ["Service", "no spec", {}, ["spec.ports: Required value"]],
  [
    "Service",
    "two ports without names",
    { spec: { ports: [{ port: 80 }, { port: 80 }] } },
    [
      "spec.ports[0].name: Required value",
      "spec.ports[1].name: Required value",
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
    ],
  ],
  [
    "Service",
    "a node port without nodes",
    { spec: { ports: [{ port: 80, nodePort: 30000 }] } },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    "Service",
    "a node port out of range",
    { spec: { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] } },
    [
      "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
    ],
  ],
  [
    "Service",
    "an address of another cluster",
    { spec: { clusterIP: "10.1.1.1", ports: [{ port: 80 }] } },
    [
      'spec.clusterIPs: Invalid value: ["10.1.1.1"]: failed to allocate IP 10.1.1.1: the provided IP (10.1.1.1) is not in the valid range. The range of valid IPs is 127.9.16.0/20',
    ],
  ],
  [
    "Service",
    "a name for nothing",
    { spec: { type: "ExternalName" } },
    ["spec.externalName: Required value"],
  ],
  [
    "ConfigMap",
    "a key with a blank",
    { data: { "a b": "c" } },
    [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [
    "Secret",
    "a certificate without a key",
    { type: "kubernetes.io/tls", data: { "tls.crt": "eA==" } },
    ["data[tls.key]: Required value"],
  ],
  [
    "Secret",
    "a login without a name",
    { type: "kubernetes.io/basic-auth" },
    ["data[username]: Required value", "data[password]: Required value"],
  ],
  [
    "Secret",
    "a token of nobody",
    { type: "kubernetes.io/service-account-token" },
    ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
  ],
  [
    "Namespace",
    "a name with a dot",
    { metadata: { name: "a.b" } },
    [`metadata.name: Invalid value: "a.b": ${label}`],
  ],
  [
    "Node",
    "a taint without effect",
    { spec: { taints: [{ key: "a" }] } },
    ["spec.taints[0].effect: Required value"],
  ],
  [
    "Endpoints",
    "addresses without ports",
    { subsets: [{}] },
    ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
  ],
  [
    "Lease",
    "no time at all",
    { spec: { leaseDurationSeconds: 0 } },
    ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
  ],
  [
    "Event",
    "one of another namespace",
    { involvedObject: { namespace: "shop" } },
    ['involvedObject.namespace: Invalid value: "shop": does not match event.namespace'],
  ],
];

describe("a mistake is told by its field, in Kubernetes' words", () => {
  test.each(mistakes)("%s: %s", (kind, _, body, told) => {
    const { status, body: answer } = post(kind, body);
    expect({ status, kind: answer.kind, reason: answer.reason, code: answer.code }).toEqual({
      status: 422,
      kind: "Status",
      reason: "Invalid",
      code: 422,
    });
    const causes: { field: string; message: string; reason: string }[] = answer.details.causes;
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual(told);
    expect(causes.every(({ reason }) => /^FieldValue[A-Z]/.test(reason))).toBe(true);
    const group = kind === "Lease" ? ".coordination.k8s.io" : "";
    const all = told.length === 1 ? told[0] : `[${told.join(", ")}]`;
    const name = (body as { metadata?: { name: string } }).metadata?.name ?? "x";
    expect(answer.message).toBe(`${kind}${group} "${name}" is invalid: ${all}`);
    expect(answer.details).toMatchObject({ name, kind });
  });

  test("a port and an address that another service has", () => {
    const world = createWorld();
    const make = (name: string, spec: object) =>
      call(world, "POST", paths.Service!, { body: service(name, spec) });
    const first = make("a", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] });
    expect(make("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] }).body.message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    const { clusterIP } = first.body.spec;
    expect(make("c", { clusterIP }).body.message).toBe(
      `Service "c" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    );
  });

  test("what cannot be changed", () => {
    const world = createWorld();
    const { clusterIP } = call(world, "POST", paths.Service!, { body: service("a") }).body.spec;
    const merge = "application/merge-patch+json";
    const patched = (path: string, body: object) => call(world, "PATCH", path, { body, type: merge }).body;
    expect(
      patched(`${paths.Service}/a`, { spec: { clusterIP: "127.9.16.77", clusterIPs: null } }).message,
    ).toBe(
      'Service "a" is invalid: spec.clusterIPs[0]: Invalid value: ["127.9.16.77"]: may not change once set',
    );
    expect(clusterIP).not.toBe("127.9.16.77");
    call(world, "POST", paths.Pod!, { body: pod("p") });
    expect(patched(`${paths.Pod}/p`, { spec: { hostNetwork: true } })).toMatchObject({
      reason: "Invalid",
      message: expect.stringContaining("spec: Forbidden: pod updates may not change fields other than"),
    });
    call(world, "POST", paths.Secret!, { body: { metadata: { name: "s" } } });
    expect(patched(`${paths.Secret}/s`, { type: "Other" }).message).toBe(
      'Secret "s" is invalid: type: Invalid value: "Other": field is immutable',
    );
    call(world, "POST", paths.ConfigMap!, {
      body: { metadata: { name: "c" }, immutable: true, data: { a: "1" } },
    });
    expect(patched(`${paths.ConfigMap}/c`, { data: { a: "2" } }).message).toBe(
      'ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    );
    expect(patched(`${paths.Pod}/p`, { metadata: { uid: "other" } })).toMatchObject({ status: "Failure" });
  });

  test("an event about nothing is an event, and is shown", () => {
    const world = createWorld();
    expect(call(world, "POST", paths.Event!, { body: { metadata: { name: "e" } } }).status).toBe(201);
    expect(table(world, paths.Event!)[1]?.[3]).toBe("");
  });
});

describe("a value of a wrong type is told as Kubernetes' decoder tells it", () => {
  const handled = 'Pod in version "v1" cannot be handled as a Pod: ';
  test.each<[object, string]>([
    [
      { spec: { containers: [{ ports: [{ containerPort: "80" }] }] } },
      "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ],
    [
      { spec: { containers: {} } },
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      { spec: { containers: ["c"] } },
      "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container",
    ],
    [
      { spec: { containers: [{ env: [{ name: "A", value: 1 }] }] } },
      "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
    ],
    [
      { spec: { containers: [{ args: "x" }] } },
      "json: cannot unmarshal string into Go struct field Container.spec.containers.args of type []string",
    ],
    [
      { spec: { containers: [{ ports: [{ containerPort: 1.5 }] }] } },
      "json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ],
    [
      { spec: { containers: [{ resources: { limits: [] } }] } },
      "json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
    ],
    [
      { spec: { containers: [{ livenessProbe: { httpGet: { port: true } } }] } },
      "json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
    ],
    [
      { metadata: { name: "x", labels: { "a.b/c": 1 } } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      { metadata: [] },
      "json: cannot unmarshal array into Go struct field Pod.metadata of type v1.ObjectMeta",
    ],
    [
      { spec: { containers: [{ resources: { limits: { cpu: "1x" } } }] } },
      "spec.containers[0].resources.limits.cpu: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ])("%j", (body, message) => {
    const { status, body: answer } = post("Pod", body);
    expect({ status, reason: answer.reason, message: answer.message }).toEqual({
      status: 400,
      reason: "BadRequest",
      message: handled + message,
    });
  });

  test("a body of another kind or version", () => {
    expect(post("Pod", { kind: "Service", apiVersion: "v1" }).body.message).toBe(
      'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to Pod: unknown conversion',
    );
    expect(post("Pod", { kind: "Pod", apiVersion: "apps/v1" }).body.message).toBe(
      "the API version in the data (apps/v1) does not match the expected API version (v1)",
    );
  });
});

describe("fieldValidation", () => {
  const text =
    '{"metadata":{"name":"x","name":"y","labels":{"a":"1","a":"2"}},"spec":{"bogus":1,"containers":[{"name":"c","image":"i"},{"name":"d","image":"i","image":"j"}]}}';
  const send = (query: string) =>
    call(createWorld(), "POST", paths.Pod + query, {
      raw: new TextEncoder().encode(text),
      type: "application/json",
    });
  const told = [
    'unknown field "spec.bogus"',
    'duplicate field "metadata.name"',
    'duplicate field "metadata.labels.a"',
    'duplicate field "spec.containers[1].image"',
  ];

  test("Strict refuses what is unknown and what stands twice", () => {
    expect(send("?fieldValidation=Strict")).toMatchObject({
      status: 400,
      body: { reason: "BadRequest", message: `strict decoding error: ${told.join(", ")}` },
    });
  });

  test("Warn, the default, takes the last and warns", () => {
    for (const query of ["", "?fieldValidation=Warn"]) {
      const { status, body, headers } = send(query);
      expect({ status, name: body.metadata.name, label: body.metadata.labels.a }).toEqual({
        status: 201,
        name: "y",
        label: "2",
      });
      expect(headers.warning).toBe(told.map((each) => `299 - "${each.replaceAll('"', '\\"')}"`).join(", "));
    }
  });

  test("Ignore says nothing; what is none of the three is refused", () => {
    expect(send("?fieldValidation=Ignore").headers).not.toHaveProperty("warning");
    expect(send("?fieldValidation=strict")).toMatchObject({
      status: 422,
      body: {
        message:
          'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "strict": supported values: "Ignore", "Strict", "Warn"',
      },
    });
  });

  test("patches are read as strictly", () => {
    const world = createWorld();
    call(world, "POST", paths.ReplicationController!, { body: rc("r", 1) });
    const patch = (raw: string) =>
      call(world, "PATCH", `${paths.ReplicationController}/r?fieldValidation=Strict`, {
        raw: new TextEncoder().encode(raw),
        type: "application/merge-patch+json",
      }).body.message;
    expect(patch('{"spec":{"replica":2}}')).toBe('strict decoding error: unknown field "spec.replica"');
    expect(patch('{"spec":{"replicas":2,"replicas":3}}')).toBe(
      'strict decoding error: duplicate field "spec.replicas"',
    );
  });

  test("of any JSON that a program writes nothing stands twice", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        expect(duplicateFields(JSON.stringify(value, null, indent))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (key, one, two) => {
        const name = JSON.stringify(key);
        const found = duplicateFields(
          `[1,{${name}:${JSON.stringify(one)}, ${name} :${JSON.stringify(two)}}]`,
        );
        expect(found).toEqual([`[1].${key}`]);
      }),
    );
  });
});
