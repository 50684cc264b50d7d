import type { KindInfo, KubernetesObject } from "../../model/meta.ts";
import { type ApiClient, connect, ServerError } from "../client.ts";
import { CommandError, exitCodes } from "../error.ts";
import { TablePrinter } from "../print.ts";
import { collectionPath, nameOf, objectPath, parseTargets, type Target } from "../target.ts";
import { cells, header, type Row, type Table, type TableFlags, tableAccept } from "./table.ts";
import { watchTargets } from "./watch.ts";

export interface GetOptions {
  readonly cluster?: string;
  readonly output?: string;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly showLabels?: boolean;
  readonly headers?: boolean;
  readonly watch?: boolean;
}

const outputs = ["wide", "yaml", "json", "name"];

/** `kdsl get KIND[,KIND] [NAME…]`: what there is, as tables that the server makes, or as the objects themselves. */
export async function get(words: readonly string[], options: GetOptions): Promise<number> {
  const targets = parseTargets(words);
  const { output } = options;
  if (output !== undefined && !outputs.includes(output))
    throw new CommandError(`-o ${output}: it is one of ${outputs.join(", ")}`, exitCodes.usage);
  if (targets.some(({ name }) => name !== undefined) && (options.selector || options.fieldSelector))
    throw new CommandError("a selector goes with a kind alone, not with names", exitCodes.usage);
  if (options.watch && new Set(targets.map(({ info }) => info)).size > 1)
    throw new CommandError("--watch shows one kind at a time", exitCodes.usage);
  const client = connect(options);
  if (output === "json" || output === "yaml" || output === "name") {
    if (options.watch)
      throw new CommandError(`--watch prints tables only, not -o ${output}`, exitCodes.usage);
    return printObjects(client, targets, options);
  }
  return printTables(client, targets, options);
}

/** The namespace in paths; undefined over all of them. */
export function namespaceOf(options: GetOptions): string | undefined {
  return options.allNamespaces ? undefined : (options.namespace ?? "default");
}

export function queryOf({ selector, fieldSelector }: GetOptions) {
  return { labelSelector: selector, fieldSelector };
}

async function fetchAll<T>(
  client: ApiClient,
  targets: readonly Target[],
  options: GetOptions,
  accept: string,
  query: Readonly<Record<string, string>> = {},
): Promise<{ found: { target: Target; value: T }[]; failed: boolean }> {
  const found: { target: Target; value: T }[] = [];
  let failed = false;
  for (const target of targets) {
    const { info, name } = target;
    if (name !== undefined && options.allNamespaces && info.namespaced)
      throw new CommandError(
        "an object is named in one namespace, not in all: leave -A out",
        exitCodes.usage,
      );
    const path =
      name === undefined
        ? collectionPath(info, namespaceOf(options))
        : objectPath(info, options.namespace ?? "default", name);
    try {
      const value = await client.json<T>(path, {
        accept,
        query: { ...(name === undefined ? queryOf(options) : {}), ...query },
      });
      found.push({ target, value });
    } catch (error) {
      // One that is not there is told; the others are shown all the same.
      if (!(error instanceof ServerError && name !== undefined)) throw error;
      console.error(`error: ${error.message}`);
      failed = true;
    }
  }
  return { found, failed };
}

async function printTables(
  client: ApiClient,
  targets: readonly Target[],
  options: GetOptions,
): Promise<number> {
  const { found, failed } = await fetchAll<Table>(client, targets, options, tableAccept, {
    includeObject: "Object",
  });
  const kinds = [...new Set(targets.map(({ info }) => info))];
  const several = kinds.length > 1;
  let printed = 0;
  const printer = new TablePrinter();
  for (const info of kinds) {
    const tables = found.filter(({ target }) => target.info === info).map(({ value }) => value);
    const rows = sorted(
      info,
      tables.flatMap((table) => table.rows),
    );
    const columns = tables[0]?.columnDefinitions ?? [];
    if (rows.length === 0) continue;
    const flags = flagsOf(info, options, several);
    const lines = rows.map((row) => cells(columns, row, flags));
    const own = several ? new TablePrinter() : printer;
    if (printed > 0) process.stdout.write("\n");
    process.stdout.write(own.print(options.headers === false ? lines : [header(columns, flags), ...lines]));
    printed += rows.length;
  }
  if (printed === 0 && !failed && !options.watch) sayNothing(kinds, options);
  if (!options.watch || failed) return failed ? exitCodes.failure : exitCodes.success;
  return watchTargets(client, targets, options, {
    printer,
    headed: printed > 0,
    found: found.map(({ value }) => value),
  });
}

export function flagsOf(info: KindInfo, options: GetOptions, several: boolean): TableFlags {
  return {
    wide: options.output === "wide",
    namespaces: options.allNamespaces === true && info.namespaced,
    showLabels: options.showLabels === true,
    prefix: several ? `${info.singular}/` : "",
  };
}

function sayNothing(kinds: readonly KindInfo[], options: GetOptions): void {
  const scoped = kinds.some(({ namespaced }) => namespaced) && !options.allNamespaces;
  console.error(scoped ? `No resources found in ${namespaceOf(options)} namespace.` : "No resources found");
}

/** Events come in the order in which they happened; all else in that of the server. */
function sorted(info: KindInfo, rows: readonly Row[]): readonly Row[] {
  if (info.kind !== "Event") return rows;
  const at = ({ object }: Row) =>
    String(object.lastTimestamp ?? object.eventTime ?? object.firstTimestamp ?? "");
  return [...rows].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
}

interface ObjectList {
  readonly items?: readonly KubernetesObject[];
}

async function printObjects(
  client: ApiClient,
  targets: readonly Target[],
  options: GetOptions,
): Promise<number> {
  const { found, failed } = await fetchAll<KubernetesObject & ObjectList>(
    client,
    targets,
    options,
    "application/json",
  );
  const objects = found.flatMap(({ target, value }) =>
    target.name === undefined
      ? (value.items ?? []).map((object) => ({ info: target.info, object: withoutManagers(object) }))
      : [{ info: target.info, object: withoutManagers(value) }],
  );
  const code = failed ? exitCodes.failure : exitCodes.success;
  if (options.output === "name") {
    for (const { info, object } of objects) console.log(nameOf(info, object.metadata.name));
    return code;
  }
  const single = targets.length === 1 && targets[0]!.name !== undefined;
  if (single && objects.length === 0) return code;
  const document = single
    ? objects[0]!.object
    : {
        apiVersion: "v1",
        items: objects.map(({ object }) => object),
        kind: "List",
        metadata: { resourceVersion: "" },
      };
  if (options.output === "json") console.log(JSON.stringify(document, null, 4));
  else {
    const { stringify } = await import("yaml");
    process.stdout.write(stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
  return code;
}

/** Who has set which field is for machines: it is left out, as kubectl does. */
function withoutManagers<T extends KubernetesObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
