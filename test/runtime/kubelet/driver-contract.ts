import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  CreateSandbox,
  PodCommand,
  PodDriver,
  PodEvent,
  StartContainer,
} from "../../../runtime/environment.ts";

/** What a driver brings so that the contract can be put to it. */
export interface DriverFixture {
  readonly driver: PodDriver;
  /** Resolves when `condition` holds; rejects when it does not within some seconds. */
  until(condition: () => boolean): Promise<void>;
  /** Lets some time pass in which unwanted answers would come: long enough for any answer that is due. */
  quiet(): Promise<void>;
  close(): Promise<void>;
  /** An address that a pod may have. */
  readonly address: string;
  readonly commands: {
    readonly runs: readonly string[];
    readonly ignoresTerm: readonly string[];
    exits(code: number): readonly string[];
  };
  /** A command that cannot be started at all. */
  readonly missing: readonly string[];
}

/** The contract of `PodDriver` (runtime/environment.ts), for any driver. */
export function describePodDriver(name: string, createFixture: () => Promise<DriverFixture>): void {
  describe(`${name} keeps the contract of a pod driver`, () => {
    let fixture: DriverFixture;
    let events: PodEvent[];
    let sending = false;
    let answeredWithin = false;

    const send = (command: PodCommand) => {
      sending = true;
      fixture.driver.send(command);
      sending = false;
    };
    const of = (type: PodEvent["type"], podUid = "uid-1") =>
      events.filter((event) => event.type === type && event.podUid === podUid);
    const sandbox = (podUid = "uid-1"): CreateSandbox => ({
      type: "createSandbox",
      podUid,
      pod: {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web", namespace: "default", uid: podUid },
        spec: { containers: [{ name: "main", image: "host" }] },
      },
      nodeName: "node-a",
      nodeAddress: fixture.address,
      address: fixture.address,
      hostname: "web",
      volumes: [{ name: "cache", type: "emptyDir" }],
      hosts: [],
    });
    const start = (command: readonly string[], attempt = 0): StartContainer => ({
      type: "startContainer",
      podUid: "uid-1",
      container: "main",
      attempt,
      image: "host",
      command,
      env: () => [],
      ports: [],
      mounts: [],
      limits: {},
      secretNames: [],
    });
    const signal = (signalName: "SIGTERM" | "SIGKILL", attempt = 0): PodCommand => ({
      type: "signalContainer",
      podUid: "uid-1",
      container: "main",
      attempt,
      signal: signalName,
    });
    const begin = async (command: readonly string[]) => {
      send(sandbox());
      await fixture.until(() => of("sandboxReady").length > 0);
      send(start(command));
      await fixture.until(() => of("containerStarted").length + of("containerFailed").length > 0);
    };

    beforeEach(async () => {
      fixture = await createFixture();
      events = [];
      answeredWithin = false;
      fixture.driver.onEvent((event) => {
        if (sending) answeredWithin = true;
        events.push(event);
      });
    });
    afterEach(async () => {
      expect(answeredWithin, "an answer came before send had returned").toBe(false);
      await fixture.close();
    });

    test("starts a container in a sandbox and says with its attempt that it has", async () => {
      await begin(fixture.commands.runs);
      expect(of("containerStarted")).toMatchObject([{ container: "main", attempt: 0 }]);
      await fixture.quiet();
      expect(of("containerExited")).toEqual([]);
    });

    test("says once with what code a container has ended", async () => {
      await begin(fixture.commands.exits(3));
      await fixture.until(() => of("containerExited").length > 0);
      await fixture.quiet();
      expect(of("containerExited")).toMatchObject([{ container: "main", attempt: 0, exitCode: 3 }]);
    });

    test("ends a container by TERM, with the signal", async () => {
      await begin(fixture.commands.runs);
      send(signal("SIGTERM"));
      await fixture.until(() => of("containerExited").length > 0);
      expect(of("containerExited")).toMatchObject([{ exitCode: 143, signal: 15 }]);
    });

    test("ends one that ignores TERM by KILL", async () => {
      await begin(fixture.commands.ignoresTerm);
      // A program needs a moment from its start until it ignores anything.
      await fixture.quiet();
      send(signal("SIGTERM"));
      await fixture.quiet();
      expect(of("containerExited")).toEqual([]);
      send(signal("SIGKILL"));
      await fixture.until(() => of("containerExited").length > 0);
      expect(of("containerExited")).toMatchObject([{ exitCode: 137, signal: 9 }]);
    });

    test("does nothing for a signal to another instance", async () => {
      await begin(fixture.commands.runs);
      send(signal("SIGKILL", 7));
      await fixture.quiet();
      expect(of("containerExited")).toEqual([]);
    });

    test("starts the next instance after one has ended, under its own attempt", async () => {
      await begin(fixture.commands.exits(1));
      await fixture.until(() => of("containerExited").length > 0);
      send(start(fixture.commands.runs, 1));
      await fixture.until(() => of("containerStarted").length > 1);
      expect(of("containerStarted").at(-1)).toMatchObject({ attempt: 1 });
    });

    test("says that what cannot be started has failed, and why", async () => {
      await begin(fixture.missing);
      const [failed] = of("containerFailed");
      expect(failed).toMatchObject({ container: "main", attempt: 0, reason: "RunContainerError" });
      expect((failed as { message?: string }).message).not.toBe("");
    });

    test("answers a probe under its sequence number", async () => {
      await begin(fixture.commands.runs);
      const action = { tcpSocket: { port: 1 } };
      const probe = { type: "probe", podUid: "uid-1", container: "main", attempt: 0, action } as const;
      send({
        ...probe,
        probe: "readiness",
        sequence: 41,
        address: fixture.address,
        timeoutMilliseconds: 500,
      });
      await fixture.until(() => of("probeResult").length > 0);
      expect(of("probeResult")).toMatchObject([{ probe: "readiness", sequence: 41, attempt: 0 }]);
    });

    test("answers a hook, also where the container does not run any more", async () => {
      await begin(fixture.commands.exits(0));
      await fixture.until(() => of("containerExited").length > 0);
      const action = { tcpSocket: { port: 1 } };
      const hook = { type: "hook", podUid: "uid-1", container: "main", attempt: 0, hook: "preStop" } as const;
      send({ ...hook, action, address: fixture.address });
      await fixture.until(() => of("hookResult").length > 0);
    });

    test("removes a sandbox with all that runs in it, and says so each time it is asked", async () => {
      await begin(fixture.commands.ignoresTerm);
      send({ type: "removeSandbox", podUid: "uid-1" });
      await fixture.until(() => of("sandboxRemoved").length === 1);
      send({ type: "removeSandbox", podUid: "uid-1" });
      await fixture.until(() => of("sandboxRemoved").length === 2);
      await fixture.quiet();
      expect(of("containerExited").length).toBeLessThanOrEqual(1);
    });

    test("bears commands for pods that it does not know", async () => {
      send({ ...start(fixture.commands.runs), podUid: "uid-9" });
      send({ ...signal("SIGKILL"), podUid: "uid-9" });
      send({ type: "removeSandbox", podUid: "uid-9" });
      await fixture.until(
        () => of("containerFailed", "uid-9").length + of("sandboxRemoved", "uid-9").length === 2,
      );
      expect(of("containerStarted", "uid-9")).toEqual([]);
    });

    test("makes a sandbox again after it was removed", async () => {
      await begin(fixture.commands.runs);
      send({ type: "removeSandbox", podUid: "uid-1" });
      await fixture.until(() => of("sandboxRemoved").length === 1);
      send(sandbox());
      await fixture.until(() => of("sandboxReady").length === 2);
    });
  });
}
