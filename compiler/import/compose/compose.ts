import { composeUnknown, nothingThere } from "../../diagnostics/catalog/import.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { format } from "../../format/format.ts";
import type { SourceFile } from "../../source/source.ts";
import { withComments } from "../write/comments.ts";
import { block, field, layOut, type Member } from "../write/layout.ts";
import { key, quoted } from "../write/literals.ts";
import { isRecord, leftOver, read, take, textOf } from "../write/reader.ts";
import { aliasFor } from "../write/scene.ts";
import { type SecretFiles, startSecrets } from "../write/secrets.ts";
import type { Vault } from "./environment.ts";
import { filesName, type Given, mountGiven, type Outside, writeGiven } from "./files.ts";
import { type FilesBeside, kubernetesName, readCompose } from "./model.ts";
import { readComposeFile } from "./read.ts";
import { writeComposeService } from "./service.ts";

/** `kdsl import compose.yaml`: what a compose file says, as a program. */

export interface ImportedCompose {
  readonly program?: { readonly text: string; readonly secrets: SecretFiles };
  readonly diagnostics: readonly Diagnostic[];
}

/** `project` is what compose would call it: the folder's name. Never throws for what stands in the file. */
export function importCompose(file: SourceFile, project: string, files: FilesBeside): ImportedCompose {
  const given = readComposeFile(file);
  const diagnostics = [...given.diagnostics, ...unreadable(file, given)];
  if (diagnostics.length > 0) return { diagnostics };
  const root = read(given.value);
  const name = kubernetesName(textOf(take(root, "name")) ?? project);
  const compose = readCompose(root, name, files);
  const secrets = startSecrets();
  const vault: Vault = {
    files: secrets,
    alias: aliasFor(`${name}-secrets`, "secret"),
    name: `${name}-secrets`,
    keys: new Map(),
  };
  const found = new Map<string, Given>();
  const taken = new Set<number>();
  const outside: Outside = {
    compose,
    vault,
    probes: new Set(),
    app: "app",
    made: [],
    nodePort: (published) => nodePort(taken, published),
    filesAlias: (service) => aliasFor(filesName(service), "config"),
    mountGiven: (service, storage) => mountGiven(found, service, storage),
  };
  const shared = [
    ...writeGiven(compose, root, "secret", found),
    ...writeGiven(compose, root, "config", found),
  ];
  const services = compose.services
    .filter(({ first }) => !first)
    .flatMap((service) =>
      writeComposeService(outside, service).map((member) =>
        withComments(
          member,
          given.comments.filter(
            ({ path }) => path === service.part.path || path.startsWith(`${service.part.path}.`),
          ),
        ),
      ),
    );
  for (const word of ["version", "services", "networks", "volumes"]) take(root, word);
  const left = leftOver(root).filter(
    (path) => !path.startsWith("x-") && !/^(?:services|secrets|configs)[.[]/.test(path),
  );
  const first = given.comments.filter(({ path }) => path === "" || /^(?:name|version|services)$/.test(path));
  const body: Member[] = [
    ...(left.length > 0 ? [{ head: "", comments: [`not taken over: ${left.join(", ")}`] }] : []),
    ...(vault.keys.size > 0
      ? [
          {
            head: `secret ${vault.alias} `,
            value: block([...vault.keys].map(([id, { source }]) => field(key(id), source))),
            apart: true,
          },
        ]
      : []),
    ...shared,
    ...outside.made,
    ...services,
  ];
  const top = [
    ...(first.length > 0
      ? [`${layOut([{ head: "", comments: first.flatMap(({ lines }) => lines) }]).trimEnd()}\n`]
      : []),
    ...(outside.probes.size > 0 ? [`use std/probe { ${[...outside.probes].join(", ")} }\n`] : []),
    ...parameters(outside),
    `label ${outside.app}\n`,
  ];
  const text = [...top, layOut(body)].join("\n");
  return { program: { text: format({ path: "main.kdsl", text }).text ?? text, secrets }, diagnostics };
}

function parameters({ compose }: Outside): string[] {
  const lines = [...compose.variables.found.values()].map(({ name, parameter, standard }) => {
    const value = standard === undefined ? "" : ` = ${quoted(standard)}`;
    return `/// \`${name}\` of the compose file.\nparam ${parameter}: String${value}\n`;
  });
  return lines.length > 0 ? [lines.join("\n")] : [];
}

/** The last three digits are kept: 8080 becomes 30080. */
function nodePort(taken: Set<number>, published: number): number {
  let port = published >= 30_000 && published <= 32_767 ? published : 30_000 + (published % 1000);
  while (taken.has(port)) port++;
  taken.add(port);
  return port;
}

/** What only compose itself can put together. */
function unreadable(
  file: SourceFile,
  { value, places, diagnostics }: ReturnType<typeof readComposeFile>,
): Diagnostic[] {
  if (diagnostics.length > 0) return [];
  const top = { file, start: 0, end: 0 };
  const services = isRecord(value) ? value.services : undefined;
  if (!isRecord(value) || !isRecord(services) || Object.keys(services).length === 0)
    return [nothingThere(top, { what: "the compose file has no services" })];
  const found: Diagnostic[] = [];
  if (value.include !== undefined)
    found.push(
      composeUnknown(places.get("include") ?? top, { what: "`include`", why: "it takes in other files" }),
    );
  for (const [name, service] of Object.entries(services)) {
    const at = places.get(`services.${name}`) ?? top;
    if (!isRecord(service))
      found.push(composeUnknown(at, { what: `service \`${name}\``, why: "it says nothing" }));
    else if (service.extends !== undefined)
      found.push(
        composeUnknown(places.get(`services.${name}.extends`) ?? at, {
          what: `service \`${name}\``,
          why: "it extends another one",
        }),
      );
    else if (service.image === undefined && service.build === undefined)
      found.push(
        composeUnknown(at, { what: `service \`${name}\``, why: "it has neither `image` nor `build`" }),
      );
  }
  return found;
}
