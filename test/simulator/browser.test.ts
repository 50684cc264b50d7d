import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawCase } from "../../runtime/simulator/swarm/draw.ts";
import { runCase } from "../../runtime/simulator/swarm/run.ts";

/** The simulator as a browser loads it: the built module, with nothing of Node's, does what it does here. */
const built = join(import.meta.dirname, "../../dist");
const browser = process.env.CHROMIUM ?? "chromium";
const there = spawnSync(browser, ["--version"]).status === 0;
if (!there) console.log(`skipped: there is no ${browser} (set CHROMIUM to the path of one)`);

const seeds = [1, 2, 3];
const page = `<!doctype html><script type="module">
  import { drawCase, runCase } from "/simulator.mjs";
  document.title = ${JSON.stringify(seeds)}.map((seed) => runCase(drawCase(seed)).traceHash).join(" ");
</script>`;

let server: Server;
let profile: string;
beforeAll(async () => {
  profile = mkdtempSync(join(tmpdir(), "kdsl-browser-"));
  server = createServer((request, response) => {
    const name = basename(request.url ?? "");
    if (extname(name) !== ".mjs") return response.setHeader("content-type", "text/html").end(page);
    response.setHeader("content-type", "text/javascript").end(readFileSync(join(built, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(profile, { recursive: true, force: true });
});

test.skipIf(!there)("one seed gives one trace, in a browser too", async () => {
  const { port } = server.address() as AddressInfo;
  const flags =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --dump-dom";
  const child = spawn(browser, [
    ...flags.split(" "),
    `--user-data-dir=${profile}`,
    `http://127.0.0.1:${port}/`,
  ]);
  let dom = "";
  child.stdout.on("data", (text) => {
    dom += text;
  });
  await new Promise((resolve) => child.on("close", resolve));
  const here = seeds.map((seed) => runCase(drawCase(seed)).traceHash).join(" ");
  expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).toBe(here);
});
