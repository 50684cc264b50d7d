import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { badRequest } from "../../../runtime/apiserver/status.ts";
import {
  chooseChannelProtocol,
  createSizeReader,
  decodeMessage,
  encodeMessage,
} from "../../../runtime/apiserver/streams/channels.ts";
import { connectionOf } from "../../../runtime/apiserver/streams/connect.ts";
import { exitOutcome, failureOutcome, outcomeText } from "../../../runtime/apiserver/streams/outcome.ts";
import { container, pod } from "./world.ts";

describe("the channels of a command", () => {
  test("of what a client offers the best is spoken", () => {
    expect(chooseChannelProtocol(["v4.channel.k8s.io", "v5.channel.k8s.io"])?.name).toBe("v5.channel.k8s.io");
    expect(chooseChannelProtocol(["base64.channel.k8s.io"])?.base64).toBe(true);
    expect(chooseChannelProtocol([])?.status).toBe("text");
    expect(chooseChannelProtocol(["v6.channel.k8s.io"])).toBeUndefined();
  });

  test.each(["v5.channel.k8s.io", "v4.base64.channel.k8s.io"])("messages of %s say what was said", (name) => {
    const protocol = chooseChannelProtocol([name])!;
    fc.assert(
      fc.property(fc.nat(9), fc.uint8Array(), (channel, payload) => {
        const message = encodeMessage(protocol, channel, payload);
        const received = typeof message === "string" ? new TextEncoder().encode(message) : message;
        expect(decodeMessage(protocol, received)).toEqual({ channel, payload });
      }),
    );
  });

  test("what is no message is passed over", () => {
    const base64 = chooseChannelProtocol(["base64.channel.k8s.io"])!;
    expect(decodeMessage(base64, new Uint8Array())).toBeUndefined();
    expect(decodeMessage(base64, new TextEncoder().encode("x"))).toBeUndefined();
    expect(decodeMessage(base64, new TextEncoder().encode("0%%%"))).toBeUndefined();
  });

  test("sizes are read wherever they are cut, and those that no terminal has are not", () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const read = createSizeReader();
    expect(read(encode('{"Width":80,"Hei'))).toBeUndefined();
    expect(read(encode('ght":24}\n'))).toEqual({ width: 80, height: 24 });
    expect(read(encode('{"Width":0,"Height":0}\n'))).toBeUndefined();
    expect(read(encode('{"Width":81,"Height":25}\n{"Width":82,"Height":26}\n'))).toEqual({
      width: 82,
      height: 26,
    });
    expect(read(encode(`${"x".repeat(5000)}}{"Width":"1","Height":-1}`))).toBeUndefined();
    expect(read(encode('{"Width":83,"Height":27}'))).toEqual({ width: 83, height: 27 });
  });

  test("an exit code is a cause; a text protocol says nothing of success", () => {
    expect(JSON.parse(outcomeText(exitOutcome(3), "json")!)).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    expect(JSON.parse(outcomeText(exitOutcome(0), "json")!)).toEqual({ metadata: {}, status: "Success" });
    expect(outcomeText(exitOutcome(0), "text")).toBeUndefined();
    expect(outcomeText(failureOutcome(badRequest("no")), "text")).toBe("no");
  });
});

describe("a request for streams", () => {
  const running = (containers: readonly string[], nodeName: string | undefined = "a") =>
    ({
      ...pod("web", { containers: containers.map((name) => container(name)), ...(nodeName && { nodeName }) }),
      metadata: { name: "web", namespace: "default", uid: "u" },
      status: { podIP: "127.1.1.1" },
    }) as unknown as Stored<Pod>;
  const ask = (type: "exec" | "attach" | "portforward", query: string, of = running(["main"])) =>
    connectionOf(type, of, { query: new URLSearchParams(query) });

  test("a terminal has one output", () => {
    expect(ask("exec", "command=sh&command=-c&stdin=true&stdout=1&stderr=true&tty=true")).toEqual({
      type: "exec",
      podUid: "u",
      podName: "web_default",
      container: "main",
      command: ["sh", "-c"],
      stdin: true,
      stdout: true,
      stderr: false,
      tty: true,
    });
  });

  test.each([
    ["stdout=1", running(["main"]), "you must specify at least one command for the container"],
    ["command=ls", running(["main"]), "you must specify at least 1 of stdin, stdout, stderr"],
    ["command=ls&stdout=1&container=x", running(["main"]), "container x is not valid for pod web"],
    [
      "command=ls&stdout=1",
      running(["a", "b"]),
      "a container name must be specified for pod web, choose one of: [a b]",
    ],
    ["command=ls&stdout=1", running(["main"], ""), "pod web does not have a host assigned"],
  ])("exec?%s is refused", (query, of, message) => {
    expect(() => ask("exec", query, of)).toThrow(message);
  });

  test("ports", () => {
    expect(ask("portforward", "ports=80,81&ports=82")).toMatchObject({
      podAddress: "127.1.1.1",
      ports: [80, 81, 82],
    });
    expect(() => ask("portforward", "ports=0")).toThrow(/between 1 and 65535/);
    expect(() => ask("portforward", "ports=x")).toThrow(/between 1 and 65535/);
  });
});
