import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Claim, claimCluster, directoryName, listClusters } from "../../runtime/host/claim.ts";
import { runtimeDirectory } from "../../runtime/host/directory.ts";
import { claimNetwork, networkPlan, portOpener } from "../../runtime/host/network.ts";
import { processesWith, temporaryDirectory } from "./support.ts";

let home = "";
let remove = () => {};
let env: NodeJS.ProcessEnv = {};
const claims: Claim[] = [];

beforeEach(() => {
  ({ path: home, remove } = temporaryDirectory());
  env = { XDG_RUNTIME_DIR: home };
  writeFileSync(join(home, "shop.kdsl"), "");
});
afterEach(async () => {
  for (const claim of claims.splice(0)) await claim.release();
  remove();
});

async function claim(name = "shop", file = join(home, "shop.kdsl")): Promise<Claim> {
  const result = await claimCluster({ name, file, env });
  claims.push(result);
  return result;
}

describe("a cluster's place", () => {
  test("is a directory of its own, on record, found by listClusters, and gone when released", async () => {
    const held = await claim();
    expect(lstatSync(held.directory).mode & 0o777).toBe(0o700);
    expect(listClusters(env)).toEqual([held.record()]);
    held.update({ tlsPort: 6443 });
    expect(listClusters(env)[0]?.endpoints).toEqual({ tlsPort: 6443 });
    await held.release();
    expect(listClusters(env)).toEqual([]);
    expect(existsSync(join(home, "kdsl"))).toBe(false);
    expect(processesWith(`kdsl-guardian .*${home}`)).toEqual([]);
  });

  test("is refused where a socket could not have its path, and nothing is made", async () => {
    const long = join(home, "x".repeat(100));
    mkdirSync(long, { mode: 0o700 });
    env = { XDG_RUNTIME_DIR: long };
    await expect(claim()).rejects.toThrow(/too long a path for a socket.*XDG_RUNTIME_DIR/);
    expect(listClusters(env)).toEqual([]);
  });

  test("is one for each file, whatever path leads to it; another file has another", async () => {
    const held = await claim();
    symlinkSync(join(home, "shop.kdsl"), join(home, "link.kdsl"));
    await expect(claim("shop", join(home, "link.kdsl"))).rejects.toMatchObject({
      code: "AlreadyRunning",
      details: { pid: process.pid, name: "shop" },
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    writeFileSync(join(home, "other.kdsl"), "");
    const other = await claim("shop", join(home, "other.kdsl"));
    expect(other.directory).not.toBe(held.directory);
    expect(other.x).not.toBe(held.x);
    expect(listClusters(env)).toHaveLength(2);
  });

  test("of two starts at once one gets it", async () => {
    const results = await Promise.allSettled([claim(), claim(), claim()]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("what a killed run left is cleaned, also of other files; what is not ours stays", async () => {
    const held = await claim();
    const parent = join(home, "kdsl");
    const record = { ...held.record(), id: "dead", process: { pid: 1, startTime: "0" } };
    for (const name of ["dead-00000000", "old-11111111"]) {
      mkdirSync(join(parent, name));
      writeFileSync(
        join(parent, name, "record.json"),
        JSON.stringify({ ...record, guardian: record.process }),
      );
    }
    mkdirSync(join(parent, "foreign"));
    writeFileSync(join(home, "next.kdsl"), "");
    const next = await claim("next", join(home, "next.kdsl"));
    expect(readdirSync(parent).sort()).toEqual(
      [held.directory, next.directory, join(parent, "foreign")]
        .map((each) => each.slice(parent.length + 1))
        .sort(),
    );
  });

  test("a record of another boot is stale, a broken one too", async () => {
    const first = await claim();
    await first.release();
    const directory = join(home, "kdsl", directoryName("shop", join(home, "shop.kdsl")));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "record.json"), JSON.stringify({ ...first.record(), bootId: "another" }));
    await (await claim()).release();
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "record.json"), "{ broken");
    await claim();
  });
});

describe("the directory for clusters", () => {
  test("is refused where others could have planted it", () => {
    symlinkSync("/tmp", join(home, "kdsl"));
    expect(() => runtimeDirectory(env)).toThrow(/it is a symbolic link; remove it/);
  });

  test("is refused where others may enter it, or where it is a file", () => {
    mkdirSync(join(home, "kdsl"));
    chmodSync(join(home, "kdsl"), 0o755);
    expect(() => runtimeDirectory(env)).toThrow(/others may enter it/);
    writeFileSync(join(home, "file"), "");
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: join(home, "file") })).toMatch(/^\/tmp\/kdsl-\d+$/);
  });

  test.runIf(process.getuid?.() === 0)("XDG_RUNTIME_DIR of another user is passed over", () => {
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: "/no/such/directory" })).toBe("/tmp/kdsl-0");
    expect(existsSync("/no/such/directory")).toBe(false);
  });
});

describe("addresses", () => {
  test("two clusters of one name have different ones; a released one is free again", async () => {
    const a = await claimNetwork("same");
    const b = await claimNetwork("same");
    expect(b.x).not.toBe(a.x);
    await a.close();
    const c = await claimNetwork("same");
    expect(c.x).toBe(a.x);
    await Promise.all([b.close(), c.close()]);
  });

  test("nodes, services and pods have parts of 127.x.0.0/16 that do not overlap", () => {
    expect(networkPlan(9)).toMatchObject({
      nodeCIDR: "127.9.0.0/24",
      serviceCIDR: "127.9.16.0/20",
      podCIDR: "127.9.128.0/17",
      nodePorts: { first: 30_000, last: 32_767 },
    });
  });

  test("ports that this user may not open are shifted to ones that browsers may ask", () => {
    const open = portOpener(1024, false);
    expect([80, 443, 1023, 1024, 8080].map(open)).toEqual([20_080, 20_443, 21_023, 1024, 8080]);
    expect(portOpener(80, false)(80)).toBe(80);
    expect(portOpener(1024, true)(80)).toBe(80);
  });
});
