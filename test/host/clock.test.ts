import { expect, test } from "vitest";
import { systemClock } from "../../runtime/host/clock.ts";
import { readMachine } from "../../runtime/host/machine.ts";

test("what is due runs in order, never within the call that asked for it", async () => {
  const clock = systemClock();
  const ran: number[] = [];
  const cancel = clock.schedule(clock.now(), () => ran.push(0));
  for (const each of [1, 2, 3]) clock.schedule(clock.now() - each, () => ran.push(each));
  cancel();
  expect(ran).toEqual([]);
  await new Promise<void>((resolve) => clock.schedule(0, resolve));
  expect(ran).toEqual([1, 2, 3]);
});

test("a task never runs before its time, and a cancelled one never at all", async () => {
  const clock = systemClock();
  const at = clock.now() + 30;
  let cancelled = false;
  clock.schedule(clock.now() + 5, () => {
    cancelled = true;
  })();
  await new Promise<void>((resolve) => clock.schedule(at, resolve));
  expect(clock.now()).toBeGreaterThanOrEqual(at);
  expect(cancelled).toBe(false);
});

test("a delay longer than timers can hold neither fires at once nor warns", async () => {
  const clock = systemClock();
  let fired = false;
  const cancel = clock.schedule(clock.now() + 2 ** 40, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => clock.schedule(clock.now() + 20, resolve));
  expect(fired).toBe(false);
  cancel();
});

test("the machine tells what it is and has", () => {
  const { capacity, info, hostname } = readMachine("1.2.3");
  expect(capacity.cpu).toMatch(/^[1-9]\d*$/);
  expect(capacity.memory).toMatch(/^\d+(Ki|Mi|Gi|Ti)?$/);
  expect(capacity["ephemeral-storage"]).not.toBe("0");
  expect(info).toMatchObject({ containerRuntimeVersion: "process://1.2.3", kubeletVersion: "v1.2.3" });
  expect(info.bootID).toMatch(/^[0-9a-f-]{36}$/);
  expect(info.kernelVersion).not.toBe("");
  expect(["amd64", "arm64", "386", "arm", "ppc64", "s390x", "riscv64", "loong64", "mipsle"]).toContain(
    info.architecture,
  );
  expect(hostname).not.toBe("");
});
