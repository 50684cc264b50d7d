import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { grpcCheck } from "../../runtime/host/process/grpc-check.ts";

/** A gRPC probe against servers of every kind of health. */

let server: Http2Server | undefined;
afterEach(() => server?.close());

/** Listens, and gives the port. */
async function serve(
  onStream: (stream: ServerHttp2Stream, path: string, body: Buffer) => void,
): Promise<number> {
  server = createServer();
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => onStream(stream, String(headers[":path"]), Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const head = { ":status": 200, "content-type": "application/grpc" };

function answer(
  stream: ServerHttp2Stream,
  message: readonly number[],
  trailers: Record<string, string>,
): void {
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
}

test("a server says of itself and of its services whether they serve", async () => {
  const asked: string[] = [];
  const port = await serve((stream, path, body) => {
    const name = body.subarray(7).toString();
    asked.push(`${path} ${name}`);
    answer(stream, name === "ill" ? [0x08, 2] : name === "new" ? [] : [0x08, 1], { "grpc-status": "0" });
  });
  const check = (service: string) => grpcCheck("127.0.0.1", port, service, 5000);
  expect(await check("")).toEqual({ ok: true, output: "service healthy" });
  expect(await check("shop")).toEqual({ ok: true, output: "service healthy" });
  expect(await check("ill")).toEqual({
    ok: false,
    output: 'service unhealthy (responded with "NOT_SERVING")',
  });
  expect(await check("new")).toEqual({ ok: false, output: 'service unhealthy (responded with "UNKNOWN")' });
  const long = "s".repeat(300);
  expect((await check(long)).ok).toBe(true);
  expect(asked.slice(0, 2)).toEqual(["/grpc.health.v1.Health/Check ", "/grpc.health.v1.Health/Check shop"]);
  expect(asked.at(-1)).toContain(long.slice(1));
});

test("a server that has no health service, or fails, is told from one that is not there", async () => {
  const port = await serve((stream, _, body) => {
    if (body.length === 5)
      return stream.respond(
        { ...head, "grpc-status": "12", "grpc-message": "unknown service %E2%9C%97" },
        { endStream: true },
      );
    if (body.includes("web")) return stream.respond({ ":status": 404 }, { endStream: true });
    answer(stream, [], { "grpc-status": "5", "grpc-message": "no such service" });
  });
  const check = (service: string) => grpcCheck("127.0.0.1", port, service, 5000);
  expect((await check("")).output).toBe(
    "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service ✗",
  );
  expect((await check("other")).output).toBe(
    "error: health rpc probe failed: rpc error: code = 5 desc = no such service",
  );
  expect((await check("web")).output).toBe(
    "error: health rpc probe failed: unexpected HTTP status code 404 without grpc-status",
  );
});

test("one that does not answer in time, or is not there, fails", async () => {
  const port = await serve(() => {});
  expect((await grpcCheck("127.0.0.1", port, "", 50)).output).toMatch(
    /^timeout: (health rpc did not complete|failed to connect service "127.0.0.1:\d+") within 0.05s/,
  );
  const closed = await serve((stream) => stream.session!.destroy());
  expect((await grpcCheck("127.0.0.1", closed, "", 5000)).output).toMatch(
    /^error: (health rpc probe failed: the connection was closed without an answer|failed to connect service at )/,
  );
  const gone = await serve(() => {});
  await new Promise((resolve) => server!.close(resolve));
  expect(await grpcCheck("127.0.0.1", gone, "", 5000)).toEqual({
    ok: false,
    output: `error: failed to connect service at "127.0.0.1:${gone}": connection refused`,
  });
});
