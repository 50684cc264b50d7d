import { blockSchemas } from "../../types/blocks/index.ts";
import { field, list, type Member, type Written } from "./layout.ts";
import { duration, quoted, text } from "./literals.ts";
import { giveBack, leftOver, numberOf, type Part, read, take, textOf, textsOf } from "./reader.ts";
import type { Scene } from "./scene.ts";
import { type Around, writePort, writeTyped } from "./typed.ts";

/** Probes and what is done at a container's start and end: by the functions of std/probe where they can say it. */

export function writeProbe(around: Around, name: string, part: Part | undefined): Member | undefined {
  if (!part) return undefined;
  const call = writeCall(around.scene, read(part.value));
  const value = call ?? writeTyped(around, blockSchemas.container!.fields[name]!, part);
  if (value === undefined) giveBack(part);
  return value === undefined ? undefined : field(name, value, part.path);
}

type Arguments = (readonly [name: string | undefined, value: Written])[];

function writeCall(scene: Scene, part: Part): Written | undefined {
  const handler = httpCall(part) ?? tcpCall(part) ?? execCall(part);
  const times = timing(part);
  if (!handler || !times || leftOver(part).length > 0) return undefined;
  scene.probes.add(handler.call);
  return { call: handler.call, arguments: [...handler.arguments, ...times] };
}

function httpCall(part: Part): { call: string; arguments: Arguments } | undefined {
  const http = take(part, "httpGet");
  const port = writePort(take(http, "port")?.value);
  if (!http || port === undefined) return undefined;
  const path = textOf(take(http, "path")) || "/";
  const scheme = textOf(take(http, "scheme")) || "HTTP";
  return {
    call: "http",
    arguments: [
      [undefined, port],
      ...(path === "/" ? [] : [["path", text(path)] as const]),
      ...(scheme === "HTTP" ? [] : [["scheme", quoted(scheme)] as const]),
    ],
  };
}

function tcpCall(part: Part): { call: string; arguments: Arguments } | undefined {
  const port = writePort(take(take(part, "tcpSocket"), "port")?.value);
  return port === undefined ? undefined : { call: "tcp", arguments: [[undefined, port]] };
}

function execCall(part: Part): { call: string; arguments: Arguments } | undefined {
  const command = textsOf(take(take(part, "exec"), "command"));
  return command && { call: "exec", arguments: [[undefined, list(...command.map(text))]] };
}

const timings: readonly { from: string; to: string; standard: number; count?: boolean }[] = [
  { from: "periodSeconds", to: "every", standard: 10 },
  { from: "timeoutSeconds", to: "timeout", standard: 1 },
  { from: "initialDelaySeconds", to: "after", standard: 0 },
  { from: "failureThreshold", to: "failures", standard: 3, count: true },
  { from: "successThreshold", to: "successes", standard: 1, count: true },
];

/** Kubernetes takes 0 as not given for all but the first delay. */
function timing(part: Part): Arguments | undefined {
  const given: Arguments = [];
  for (const { from, to, standard, count } of timings) {
    const one = take(part, from);
    if (!one) continue;
    const value = numberOf(one);
    if (value === undefined || !Number.isInteger(value) || value < 0 || (count && value > 1000))
      return undefined;
    if (value === standard || value === 0) continue;
    given.push([to, count ? String(value) : duration(value)]);
  }
  return given;
}
