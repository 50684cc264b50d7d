import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** What a user makes with kubectl, what kubectl tells of what there is, and what both say of mistakes. */

const program = `
label app
node worker[i in 1..2] { capacity: { cpu: 4, memory: 4Gi, pods: 50 } }
rc web {
  replicas: 1
  pod {
    identity: { app: "web" }
    grace: 1s
    container server { image: "host", command: ["sleep", "1000"], port http: 8080 }
  }
}
`;

describe.skipIf(!present)("kubectl create", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster(program);
  }, 120_000);
  afterAll(() => cluster?.close());

  const write = (name: string, text: string) => {
    // What begins with a brace kubectl takes for JSON.
    cluster.workspace.write(name, name.endsWith(".yaml") ? `---\n${text}` : text);
    return name;
  };
  /** The paths that kubectl asked for, as it tells them itself. */
  const asked = async (...args: string[]): Promise<string> => {
    const { stderr } = await cluster.result([...args, "-v=6"]);
    // That of newer ones is made of fields.
    return stderr
      .replace(/https:\/\/[^/]+/g, "")
      .replace(/verb="(\w+)" url="([^"]+)" status="([^"]+)"/g, "$1 $2 $3");
  };

  describe("of what kubectl builds itself (a body in protobuf)", () => {
    test("a namespace, and objects in it", async () => {
      expect(await cluster.run("create", "namespace", "shop")).toBe("namespace/shop created\n");
      const made = await cluster.run("create", "configmap", "one", "-n", "shop", "--from-literal=a=1");
      expect(made).toBe("configmap/one created\n");
      expect(await cluster.run("get", "configmap", "one", "-n", "shop", "-o", "jsonpath={.data.a}")).toBe(
        "1",
      );
    });

    test("a config map of values and of files, of text and of bytes", async () => {
      write("settings.ini", "[a]\nb = ü\n");
      writeFileSync(join(cluster.workspace.directory, "bytes.bin"), Buffer.from([0, 255]));
      const from = [
        "--from-literal=x=y=z",
        "--from-literal=empty=",
        "--from-file=settings.ini",
        "--from-file=bytes.bin",
      ];
      await cluster.run("create", "configmap", "two", ...from);
      const { data, binaryData } = await cluster.json<{ data: object; binaryData: object }>(
        "get",
        "cm",
        "two",
      );
      expect(data).toEqual({ x: "y=z", empty: "", "settings.ini": "[a]\nb = ü\n" });
      expect(binaryData).toEqual({ "bytes.bin": "AP8=" });
    });

    test("secrets of each type", async () => {
      await cluster.run("create", "secret", "generic", "plain", "--from-literal=password=ß");
      await cluster.run(
        "create",
        "secret",
        "docker-registry",
        "pull",
        "--docker-username=u",
        "--docker-password=p",
      );
      const key = spawnSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-keyout",
          "key.pem",
          "-out",
          "cert.pem",
          "-subj",
          "/CN=x",
          "-days",
          "1",
        ],
        { cwd: cluster.workspace.directory },
      );
      if (key.status === 0)
        await cluster.run("create", "secret", "tls", "cert", "--cert=cert.pem", "--key=key.pem");
      const lines = await cluster.run(
        "get",
        "secrets",
        "-o",
        "custom-columns=:metadata.name,:type",
        "--no-headers",
      );
      expect(
        lines
          .trim()
          .split("\n")
          .map((line) => line.split(/ +/)),
      ).toEqual([
        ...(key.status === 0 ? [["cert", "kubernetes.io/tls"]] : []),
        ["plain", "Opaque"],
        ["pull", "kubernetes.io/dockerconfigjson"],
      ]);
      expect(
        await cluster.run("get", "secret", "plain", "-o", "go-template={{.data.password | base64decode}}"),
      ).toBe("ß");
    });

    test("services of each type", async () => {
      await cluster.run("create", "service", "clusterip", "inner", "--tcp=80:8080", "--tcp=53:dns");
      await cluster.run("create", "service", "clusterip", "none", "--clusterip=None");
      await cluster.run("create", "service", "nodeport", "outer", "--tcp=80:8080");
      await cluster.run("create", "service", "loadbalancer", "balanced", "--tcp=80");
      await cluster.run("create", "service", "externalname", "elsewhere", "--external-name=example.com");
      interface Service {
        readonly metadata: { readonly name: string };
        readonly spec: {
          readonly type: string;
          readonly clusterIP?: string;
          readonly ports?: { nodePort?: number; targetPort: unknown }[];
        };
      }
      const { items } = await cluster.json<{ items: Service[] }>("get", "services");
      const of = (name: string) => items.find(({ metadata }) => metadata.name === name)!.spec;
      expect(of("inner").ports?.map(({ targetPort, nodePort }) => [targetPort, nodePort])).toEqual([
        [8080, undefined],
        ["dns", undefined],
      ]);
      expect(of("none").clusterIP).toBe("None");
      expect(of("outer").ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
      expect(of("balanced").type).toBe("LoadBalancer");
      expect(of("elsewhere")).toMatchObject({ type: "ExternalName", externalName: "example.com" });
    });

    test("nothing is kept of a dry run", async () => {
      expect(await cluster.run("create", "ns", "dry", "--dry-run=server")).toBe(
        "namespace/dry created (server dry run)\n",
      );
      expect(await cluster.fails("get", "ns", "dry")).toBe(
        'Error from server (NotFound): namespaces "dry" not found\n',
      );
    });

    test("what there is already, and names that are none", async () => {
      await cluster.run("create", "cm", "again");
      expect(await cluster.fails("create", "cm", "again")).toBe(
        'error: failed to create configmap: configmaps "again" already exists\n',
      );
      expect(await cluster.fails("create", "ns", "Shop")).toMatch(
        /^The Namespace "Shop" is invalid: metadata.name: Invalid value: "Shop": a lowercase RFC 1123 label must consist/,
      );
      expect(await cluster.fails("create", "cm", "a", "-n", "nowhere")).toMatch(
        /namespaces "nowhere" not found/,
      );
    });

    test("what this cluster does not have is refused by its name", async () => {
      expect(await cluster.fails("create", "deployment", "d", "--image=x")).toBe(
        "error: failed to create deployment: the server could not find the requested resource: this cluster has no deployments.apps\n",
      );
      expect(await cluster.fails("create", "quota", "q", "--hard=pods=1")).toMatch(
        /this cluster has no resourcequotas/,
      );
      expect(await cluster.fails("create", "serviceaccount", "s")).toMatch(
        /this cluster has no serviceaccounts/,
      );
      expect(await cluster.fails("create", "token", "default")).toMatch(
        /this cluster has no serviceaccounts/,
      );
    });
  });

  describe("of files", () => {
    const pod = (name: string, more = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: c
      image: host
      command: [sleep, "1000"]
${more}`;

    test("each kind, at once", async () => {
      const file = write(
        "all.yaml",
        [
          pod("made"),
          "{apiVersion: v1, kind: ConfigMap, metadata: {name: f-config}, data: {a: b}}",
          "{apiVersion: v1, kind: Secret, metadata: {name: f-secret}, stringData: {a: b}}",
          "{apiVersion: v1, kind: Service, metadata: {name: f-service}, spec: {ports: [{port: 80}]}}",
          "{apiVersion: v1, kind: Endpoints, metadata: {name: f-endpoints}, subsets: [{addresses: [{ip: 127.0.0.9}], ports: [{port: 1}]}]}",
          "{apiVersion: v1, kind: Namespace, metadata: {name: f-space}}",
          "{apiVersion: v1, kind: Node, metadata: {name: f-node}}",
          "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: f-lease}, spec: {holderIdentity: me}}",
          "{apiVersion: v1, kind: Event, metadata: {name: f-event}, involvedObject: {kind: Pod, name: made, namespace: default}, reason: Said, message: said, type: Normal}",
          "{apiVersion: v1, kind: ReplicationController, metadata: {name: f-rc}, spec: {replicas: 0, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}",
        ].join("\n---\n"),
      );
      const told = (await cluster.run("create", "-f", file)).trim().split("\n");
      expect(told).toEqual([
        "pod/made created",
        "configmap/f-config created",
        "secret/f-secret created",
        "service/f-service created",
        "endpoints/f-endpoints created",
        "namespace/f-space created",
        "node/f-node created",
        "lease.coordination.k8s.io/f-lease created",
        "event/f-event created",
        "replicationcontroller/f-rc created",
      ]);
    });

    test("a generated name", async () => {
      const file = write("some.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: some-}}");
      expect(await cluster.run("create", "-f", file)).toMatch(/^configmap\/some-\w{5} created\n$/);
    });

    test("fields that are unknown are refused where kubectl is strict, and warned of where it is not", async () => {
      const file = write("bad.yaml", pod("bad", "      tyt: true\n  replicas: 1"));
      expect(await cluster.fails("create", "-f", file)).toMatch(
        /strict decoding error: unknown field "spec.containers\[0\].tyt", unknown field "spec.replicas"\n$/,
      );
      const { code, stderr } = await cluster.result(["create", "-f", file, "--validate=warn"]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/Warning: unknown field "spec.containers\[0\].tyt"/);
    });

    test("all mistakes of an object are told at once", async () => {
      const file = write(
        "wrong.yaml",
        `{apiVersion: v1, kind: Pod, metadata: {name: wrong}, spec: {restartPolicy: Sometimes, containers: [{name: C, ports: [{containerPort: 99999}]}]}}`,
      );
      expect((await cluster.fails("create", "-f", file)).trim().split("\n")).toEqual([
        'The Pod "wrong" is invalid: ',
        expect.stringMatching(
          /^\* spec.containers\[0\].name: Invalid value: "C": a lowercase RFC 1123 label/,
        ),
        "* spec.containers[0].image: Required value",
        "* spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive",
        '* spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ]);
    });

    test("a value of a wrong type", async () => {
      const file = write(
        "typed.json",
        JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "typed" },
          spec: { containers: [{ name: "c", image: "i", env: [{ name: "A", value: 1 }] }] },
        }),
      );
      expect(await cluster.fails("create", "-f", file)).toMatch(
        /\(BadRequest\): .*Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string\n$/,
      );
    });

    test("a kind that this cluster does not have", async () => {
      const file = write("deploy.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}");
      expect(await cluster.fails("create", "-f", file)).toMatch(
        /no matches for kind "Deployment" in version "apps\/v1"/,
      );
    });
  });

  describe("and its schema", () => {
    test("explain tells fields, types and what they are for", async () => {
      expect(await cluster.run("explain", "pod.spec.containers.image")).toMatch(
        /^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: image <string>\n+DESCRIPTION:\n {4}Container image name\./,
      );
      expect(await cluster.run("explain", "rc.spec.template")).toMatch(
        /FIELD: template <PodTemplateSpec>[\s\S]*\n {2}spec\t<PodSpec>/,
      );
      expect(await cluster.run("explain", "svc.spec.ports")).toMatch(/\n {2}port\t<integer> -required-\n/);
      expect(await cluster.run("explain", "lease.spec")).toMatch(/^GROUP: {6}coordination.k8s.io\n/);
      expect(await cluster.run("explain", "endpointslices.endpoints")).toMatch(
        /addresses\t<\[\]string> -required-/,
      );
      expect(await cluster.fails("explain", "pod.spec.bogus")).toBe('error: field "bogus" does not exist\n');
    });

    test("explain --recursive goes to the end, for every kind", async () => {
      const whole = await cluster.run("explain", "pod", "--recursive");
      expect(whole).toMatch(
        / {10}preference\t<NodeSelectorTerm> -required-\n {12}matchExpressions\t<\[\]NodeSelectorRequirement>/,
      );
      const names = (await cluster.run("api-resources", "-o", "name", "--verbs=get")).trim().split("\n");
      expect(names).toContain("endpointslices.discovery.k8s.io");
      for (const name of names.filter((each) => !each.endsWith(".metrics.k8s.io")))
        expect(await cluster.run("explain", name.split(".")[0]!, "--recursive"), name).toMatch(
          /\nFIELDS:\n[\s\S]* {2}metadata\t<ObjectMeta>/,
        );
    }, 60_000);

    test("what writes relies on it, and asks for no older one", async () => {
      // Those before 1.29 ask for both, and go by this one.
      const { clientVersion } = JSON.parse(await cluster.run("version", "--client", "-o", "json"));
      const minor = Number.parseInt(clientVersion.minor, 10);
      const file = write(
        "relied.yaml",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: relied}, data: {a: '1'}}",
      );
      for (const args of [
        ["create", "-f", file],
        ["apply", "-f", file],
        ["replace", "-f", file],
        ["explain", "cm"],
      ]) {
        const paths = await asked(...args);
        expect(paths, args.join(" ")).toMatch(/GET.*\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{64}.*200 OK/);
        if (minor >= 29) expect(paths, args.join(" ")).not.toMatch(/openapi\/v2/);
      }
    });
  });

  describe("and what there is", () => {
    test("api-resources tells names, short names, kinds and verbs", async () => {
      const lines = (await cluster.run("api-resources", "-o", "wide"))
        .split("\n")
        .map((line) => line.trim().split(/ {2,}/));
      const rowOf = (name: string) => lines.find(([first]) => first === name);
      expect(rowOf("pods")).toEqual([
        "pods",
        "po",
        "v1",
        "true",
        "Pod",
        "create,delete,deletecollection,get,list,patch,update,watch",
        "all",
      ]);
      expect(rowOf("namespaces")).toEqual([
        "namespaces",
        "ns",
        "v1",
        "false",
        "Namespace",
        "create,delete,get,list,patch,update,watch",
      ]);
      expect(rowOf("selfsubjectaccessreviews")).toEqual([
        "selfsubjectaccessreviews",
        "authorization.k8s.io/v1",
        "false",
        "SelfSubjectAccessReview",
        "create",
      ]);
      const cached = await cluster.run("api-resources", "--cached", "--namespaced=false", "-o", "name");
      expect(cached).toMatch(/^namespaces\nnodes\n/);
    });

    test("api-versions", async () => {
      const versions = (await cluster.run("api-versions")).trim().split("\n");
      expect(versions).toEqual(
        expect.arrayContaining([
          "authentication.k8s.io/v1",
          "authorization.k8s.io/v1",
          "coordination.k8s.io/v1",
          "discovery.k8s.io/v1",
          "v1",
        ]),
      );
      expect(versions).not.toContain("apps/v1");
    });
  });

  describe("and who asks", () => {
    test("whoami", async () => {
      expect(await cluster.run("auth", "whoami")).toMatch(
        /Username +kdsl-admin\nGroups +\[system:masters system:authenticated\]/,
      );
      expect(
        await cluster.run(
          "auth",
          "whoami",
          "--as=bob",
          "--as-group=dev",
          "-o",
          "jsonpath={.status.userInfo}",
        ),
      ).toBe('{"groups":["dev","system:authenticated"],"username":"bob"}');
    });

    test("can-i", async () => {
      expect(await cluster.run("auth", "can-i", "get", "pods")).toBe("yes\n");
      expect(await cluster.run("auth", "can-i", "create", "pods/exec", "-n", "shop")).toBe("yes\n");
      expect(await cluster.run("auth", "can-i", "get", "/metrics")).toBe("yes\n");
      const { code, stdout } = await cluster.result(["auth", "can-i", "delete", "pods", "--as=bob"]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "no\n" });
      expect(await cluster.run("auth", "can-i", "--list")).toMatch(
        /^Resources .*\n\*\.\* +\[\] +\[\] +\[\*\]\n/,
      );
    });

    test("somebody else may not", async () => {
      expect(await cluster.fails("get", "pods", "--as=bob")).toBe(
        'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"\n',
      );
      expect(await cluster.fails("create", "ns", "bobs", "--as=bob")).toMatch(
        /namespaces is forbidden: User "bob" cannot create resource "namespaces" in API group "" at the cluster scope/,
      );
      expect(
        await cluster.run(
          "get",
          "pods",
          "-l",
          "app=web",
          "--as=bob",
          "--as-group=system:masters",
          "-o",
          "name",
        ),
      ).toMatch(/^pod\/web-/);
    });
  });
});
