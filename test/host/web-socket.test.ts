import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { acceptWebSocket } from "../../runtime/host/streams/web-socket.ts";

let server: Server;

/** A server of one WebSocket. */
async function start(): Promise<{ port: number; accepted: Promise<WebSocket> }> {
  server = createServer();
  const accepted = new Promise<WebSocket>((resolve, reject) => {
    server.on("upgrade", (request, socket, head) =>
      acceptWebSocket(request, socket, head, "").then(resolve, reject),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, accepted };
}

afterEach(() => {
  server.close();
});

test("a ping of a WebSocket is answered", async () => {
  const { port } = await start();
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(client, "open");
  client.ping("here?");
  const [payload] = await once(client, "pong");
  expect(String(payload)).toBe("here?");
  client.terminate();
});

test("answers to pings that nobody reads do not pile up", async () => {
  const { port, accepted } = await start();
  const client = connect(port, "127.0.0.1");
  client.write(
    "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
      "sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
  );
  const webSocket = await accepted;
  client.pause();
  // A ping of 125 bytes, masked with zeros.
  const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125, 0x70)]);
  const pings = Buffer.concat(Array.from({ length: 4000 }, () => ping));
  // More than both kernel buffers and what is let wait hold together.
  for (let at = 0; at < 40; at++) await new Promise((resolve) => client.write(pings, resolve));
  expect(webSocket.bufferedAmount).toBeLessThan(2 * 1024 * 1024);
  client.destroy();
  await once(webSocket, "close");
});
