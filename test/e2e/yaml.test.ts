import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Workspace } from "./harness.ts";

let workspace: Workspace;
afterEach(() => workspace.close());

const web = `apiVersion: v1
kind: Secret
metadata: { name: login }
stringData: { password: hunter2 }
---
apiVersion: v1
kind: ReplicationController
metadata: { name: web }
spec:
  replicas: 2
  selector: { app: web }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: busybox:1.36
          command: [sh, -c, 'echo "password $PASSWORD"; exec sleep 1000']
          env:
            - name: PASSWORD
              valueFrom: { secretKeyRef: { name: login, key: password } }
`;

/** The command with something on its standard input. */
function piped(args: readonly string[], input: string): Promise<{ code: number | null; stdout: string }> {
  const { uid, gid } = workspace.account;
  const child = spawn(process.execPath, [join(workspace.directory, "dist/kdsl.cjs"), ...args], {
    cwd: workspace.directory,
    uid,
    gid,
    env: { PATH: process.env.PATH, HOME: workspace.directory, XDG_RUNTIME_DIR: workspace.runtime },
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stdin.end(input);
  return new Promise((done) => child.on("close", (code) => done({ code, stdout })));
}

test("manifests from standard input, a file and a folder", async () => {
  workspace = new Workspace();
  workspace.write("k8s/web.yaml", web);
  workspace.write("k8s/values.yaml", "replicas: 2\n");
  expect(await piped(["check", "-"], web)).toEqual({
    code: 0,
    stdout: "stdin: 2 objects, nothing to object to\n",
  });
  expect(await workspace.ok(["check", "k8s"])).toBe(
    "k8s/values.yaml is passed over: it is no Kubernetes object\nk8s: 2 objects, nothing to object to\n",
  );
  const wrong = await piped(["check", "-"], web.replace("command:", "comand:"));
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain("stdin:18:11");
  expect(wrong.stdout).toContain("did you mean `command`?");
  const plan = await workspace.ok(["compile", "k8s"]);
  expect(JSON.parse(plan)).toMatchObject({ name: "k8s" });
  expect(plan).not.toMatch(/hunter2|aHVudGVy/);
});

test("manifests run, and those that KDSL names", async () => {
  workspace = new Workspace();
  workspace.write("k8s/web.yaml", web);
  const logs = (pods: string) => ["--", process.execPath, "dist/kdsl.cjs", "logs", pods];
  const alone = await workspace.run(["run", "k8s", "--wait", ...logs("rc/web")]);
  expect(alone.stdout.match(/password hunter2/g)).toHaveLength(2);
  expect(alone.code).toBe(0);
  workspace.write(
    "main.kdsl",
    `use "./k8s" as app

pod late {
  container main {
    image: "busybox:1"
    command: ["sh", "-c", "echo got $PASSWORD; exec sleep 1000"]
    env: { PASSWORD: app.login.password }
  }
}
`,
  );
  const used = await workspace.run(["run", "main.kdsl", "--wait", ...logs("late")]);
  expect(used.stdout).toContain("got hunter2");
  expect(used.code).toBe(0);
});
