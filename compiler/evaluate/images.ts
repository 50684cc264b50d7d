import { textValue } from "./text.ts";
import type { Value } from "./value.ts";

/** What an image's reference says: `image.tag`, `image.registry`. */

/** Registries have a dot or a port in their names, or are this machine's own; others are Docker's. */
const registry = /^(?:[^/]*[.:][^/]*|localhost)$/;

export function imageMember(text: string, member: string): Value {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const written = colon < 0 ? undefined : named.slice(colon + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  const slash = path.indexOf("/");
  const first = slash < 0 ? "" : path.slice(0, slash);
  const isOwn = registry.test(first);
  const repository = isOwn ? path.slice(slash + 1) : path;
  const optional = (value: string | undefined): Value =>
    value === undefined ? { kind: "none" } : textValue(value);
  switch (member) {
    case "registry":
      return textValue(isOwn ? first : "docker.io");
    case "repository":
      return textValue(repository);
    case "name":
      return textValue(repository.slice(repository.lastIndexOf("/") + 1));
    case "digest":
      return optional(digest);
    case "tag":
      // Kubernetes takes the tag `latest` where neither a tag nor a digest is written.
      return optional(written ?? (digest === undefined && text !== "host" ? "latest" : undefined));
    default:
      return { kind: "error" };
  }
}
