import type { Readable } from "node:stream";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContainerProcess } from "../../runtime/host/process/container.ts";
import { drained, type ExecError, startExec } from "../../runtime/host/process/exec.ts";
import {
  containerOf,
  type DriverUnderTest,
  namespaceTools,
  processesWith,
  sandboxOf,
  startDriver,
  until,
} from "./support.ts";

const tools = await namespaceTools();
const nap = `47${process.pid}`;
const modes = [
  { mode: "plain", tools: undefined },
  ...(tools ? [{ mode: "with namespaces", tools }] : []),
] as const;

/** All that is said on a stream. */
function textOf(reader: Readable | undefined): Promise<string> {
  let text = "";
  reader?.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => {
    if (!reader) return resolve("");
    reader.once("close", () => resolve(text));
  });
}

describe.each(modes)("commands of clients in a container, $mode", ({ tools }) => {
  let driver: DriverUnderTest;
  const container = () => driver.driver.pods.container("uid-box", "main") as ContainerProcess;
  const start = async (command: readonly string[], more: Parameters<typeof containerOf>[2] = {}) => {
    driver.send(sandboxOf("uid-box"));
    await driver.next("sandboxReady");
    driver.send(containerOf("uid-box", command, more));
    await driver.next("containerStarted");
  };
  const exec = async (command: readonly string[], input?: string) => {
    const running = await startExec(container(), { command, stdin: input !== undefined, tty: false });
    const { program } = running;
    const texts = Promise.all([textOf(program.stdout), textOf(program.stderr)]);
    program.stdin?.end(input);
    const [{ code }] = await Promise.all([running.ended, drained(program)]);
    program.stdout.destroy();
    program.stderr?.destroy();
    const [out, err] = await texts;
    return { code, out, err };
  };
  beforeEach(() => {
    driver = startDriver(tools);
  });
  afterEach(() => driver.close());

  test("run in its world, with its environment, and give their exit code", async () => {
    await start(["sleep", nap], { env: () => [{ name: "GREETING", value: "good day" }] });
    expect(await exec(["sh", "-c", 'echo "$GREETING"; echo err >&2; exit 3'])).toEqual({
      code: 3,
      out: "good day\n",
      err: "err\n",
    });
    expect(await exec(["cat"], "in and out")).toEqual({ code: 0, out: "in and out", err: "" });
    expect((await exec(["sh", "-c", "kill -9 $$"])).code).toBe(137);
  });

  test("that cannot be run say so, with the code that a shell would give", async () => {
    await start(["sleep", nap]);
    const failing = async (name: string) => {
      const error = (await exec([name]).catch((reason) => reason)) as ExecError;
      return `${error.exitCode} ${error.message.replace(/^.*process: /, "")}`;
    };
    expect(await failing("no-such-program")).toBe(
      '127 exec: "no-such-program": executable file not found in $PATH',
    );
    expect(await failing("/etc/passwd")).toMatch(/^126 exec: "\/etc\/passwd": /);
  });

  test("end with their container, whatever group and session they are in", async () => {
    await start(["sh", "-c", `sleep ${nap}1`]);
    const running = await startExec(container(), {
      command: ["sh", "-c", `setsid sleep ${nap}2 & sleep ${nap}3`],
      stdin: false,
      tty: false,
    });
    await until(() => processesWith(`^sleep ${nap}2$`).length === 1, "the program in a session of its own");
    driver.send({
      type: "signalContainer",
      podUid: "uid-box",
      container: "main",
      attempt: 0,
      signal: "SIGKILL",
    });
    expect((await running.ended).code).toBe(137);
    await driver.next("containerExited");
    for (const each of [1, 2, 3]) expect(processesWith(`^sleep ${nap}${each}$`)).toEqual([]);
  });

  test("are ended with all that they started when their client goes", async () => {
    await start(["sleep", nap]);
    const running = await startExec(container(), {
      command: ["sh", "-c", `sleep ${nap}4 & sleep ${nap}5`],
      stdin: false,
      tty: false,
    });
    await until(() => processesWith(`^sleep ${nap}5$`).length === 1, "the command to run");
    running.kill();
    await running.ended;
    for (const each of [4, 5]) expect(processesWith(`^sleep ${nap}${each}$`)).toEqual([]);
    expect(container()).toBeDefined();
  });

  test("attached clients share a container's streams; its input ends with the first where it is said to", async () => {
    await start(["sh", "-c", "echo ready; while read -r line; do echo heard $line; done; echo over"], {
      stdin: true,
      stdinOnce: true,
    });
    const clients = [new PassThrough(), new PassThrough()];
    const controller = new AbortController();
    const input = new PassThrough();
    const attached = [
      container().console.attach({ stdin: input, stdout: clients[0], signal: controller.signal }),
      container().console.attach({ stdout: clients[1], signal: controller.signal }),
    ];
    const texts = clients.map((client) => textOf(client));
    input.end("one\ntwo\n");
    expect(await driver.next("containerExited")).toMatchObject({ exitCode: 0 });
    await Promise.all(attached);
    for (const client of clients) client.destroy();
    expect((await Promise.all(texts))[0]).toBe("ready\nheard one\nheard two\nover\n");
    expect((await Promise.all(texts))[1]).toMatch(/heard one\nheard two\nover\n$/);
  });

  test("a client that does not read holds the program, and nothing is lost", async () => {
    await start(["sh", "-c", "read -r go; head -c 3000000 /dev/zero; echo; echo over"], { stdin: true });
    const slow = new PassThrough({ highWaterMark: 1024 });
    const input = new PassThrough();
    const attached = container().console.attach({
      stdin: input,
      stdout: slow,
      signal: new AbortController().signal,
    });
    input.write("go\n");
    await until(() => slow.readableLength > 0, "the first of it");
    expect(slow.readableLength + slow.writableLength).toBeLessThan(1_000_000);
    let size = 0;
    slow.on("data", (chunk: Buffer) => {
      size += chunk.length;
    });
    await attached;
    await until(() => slow.readableLength + slow.writableLength === 0, "the rest of it");
    expect(size).toBe(3_000_006);
  });
});
