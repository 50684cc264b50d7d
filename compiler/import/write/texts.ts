import type { FieldPath } from "../../../model/plan.ts";
import { field, type Member, type Written } from "./layout.ts";
import { key, memberAccess, quoted, standsBare, text } from "./literals.ts";
import { isRecord } from "./reader.ts";
import { type Declared, refer, type Scene } from "./scene.ts";

/** Texts in which host names and ports of the program's own services are references. */

/** The text, with each `NAME.NAMESPACE` of a service as `{NAME.host}`, and a port of that service behind it likewise. */
export const referenceText = (scene: Scene, namespace: string, value: string): Written =>
  joined(split(scene, namespace, value));

/** A text of characters and expressions. */
export function joined(given: readonly (string | Reference)[]): Written {
  const parts = given.filter((part) => part !== "");
  if (parts.every((part) => typeof part === "string")) return text(parts.join(""));
  const [only] = parts;
  if (parts.length === 1 && typeof only === "object") return only.expression;
  const written = parts.map((part) =>
    typeof part === "string" ? quoted(part).slice(1, -1) : `{${part.expression}}`,
  );
  return `"${written.join("")}"`;
}

export interface Reference {
  readonly expression: string;
}

function split(scene: Scene, from: string, value: string): (string | Reference)[] {
  let parts: (string | Reference)[] = [value];
  for (const service of scene.declared) {
    if (service.word !== "service" || !value.includes(`${service.name}.${service.namespace}`)) continue;
    parts = parts.flatMap((part) => (typeof part === "string" ? around(scene, from, service, part) : [part]));
  }
  return parts.filter((part) => part !== "");
}

function around(scene: Scene, from: string, service: Declared, value: string): (string | Reference)[] {
  const host = `${service.name}.${service.namespace}`;
  const name = refer(scene, service, ["service"], from);
  const parts: (string | Reference)[] = [];
  let done = 0;
  for (let at = value.indexOf(host); at >= 0; at = value.indexOf(host, at + 1)) {
    // Not within a longer name; `db.default.svc` is another name than `db.default`.
    if (at < done || /[\w.-]/.test(value[at - 1] ?? "")) continue;
    let end = at + host.length;
    if (/[\w-]/.test(value[end] ?? "") || /^\.\w/.test(value.slice(end))) continue;
    parts.push(value.slice(done, at), { expression: `${name}.host` });
    const port = /^:(\d+)(?![\w.])/.exec(value.slice(end))?.[1];
    const portName = port === undefined ? undefined : portNamed(service, Number(port));
    if (port !== undefined && portName !== undefined) {
      parts.push(":", { expression: `${name}.ports${memberAccess(portName)}` });
      end += port.length + 1;
    }
    done = end;
  }
  parts.push(value.slice(done));
  return parts;
}

/** The name of the one port of a service that has this number. */
function portNamed(service: Declared, number: number): string | undefined {
  const spec = isRecord(service.object.spec) ? service.object.spec : {};
  const ports: unknown[] = Array.isArray(spec.ports) ? spec.ports : [];
  const found = ports.filter(isRecord).filter(({ port }) => port === number);
  const name = found[0]?.name;
  return found.length === 1 && typeof name === "string" ? name : undefined;
}

/** The service that a text names as a client in its own namespace would: `db` or `db:5432`. */
export function serviceMeant(scene: Scene, namespace: string, value: string): Declared | undefined {
  const name = /^([a-z][a-z0-9-]*)(?::\d+)?$/.exec(value)?.[1];
  return scene.declared.find(
    (one) => one.word === "service" && one.namespace === namespace && one.name === name,
  );
}

/** A variable with its value; a note where it names a service by a text that only a real cluster's names resolve. */
export function environmentValue(
  scene: Scene,
  namespace: string,
  name: string,
  value: string,
  path: FieldPath,
): Member {
  const meant = serviceMeant(scene, namespace, value);
  return {
    ...field(key(name), standsBare(value) ? value : referenceText(scene, namespace, value), path),
    ...(meant
      ? { trailing: `service ${meant.name}; \`${refer(scene, meant, ["service"])}.host\` would refer to it` }
      : {}),
  };
}
