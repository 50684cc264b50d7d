import type { Status } from "../../runtime/apiserver/status.ts";
import type { Column } from "../../runtime/apiserver/tables/table.ts";
import type { ApiClient } from "../client.ts";
import { CommandError, exitCodes } from "../error.ts";
import type { TablePrinter } from "../print.ts";
import { collectionPath, type Target } from "../target.ts";
import { flagsOf, type GetOptions, namespaceOf, queryOf } from "./get.ts";
import { cells, header, type Table, tableAccept } from "./table.ts";

interface TableEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Table;
}

/** What stands on the screen already. */
export interface Shown {
  readonly printer: TablePrinter;
  readonly headed: boolean;
  readonly found: readonly Table[];
}

/** Goes on printing each change of what `get` has listed, until it is interrupted or the cluster ends. */
export async function watchTargets(
  client: ApiClient,
  targets: readonly Target[],
  options: GetOptions,
  shown: Shown,
): Promise<number> {
  const { info } = targets[0]!;
  const flags = flagsOf(info, options, false);
  const names = targets.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const path = collectionPath(info, namespaceOf(options));
  let columns: readonly Column[] = shown.found[0]?.columnDefinitions ?? [];
  let headed = shown.headed || options.headers === false;
  // The oldest of the lists: nothing is missed, and what one of several lists has seen may be told again.
  let revision = Math.min(...shown.found.map(({ metadata }) => Number(metadata.resourceVersion)));
  for (;;) {
    let told = false;
    const lines = client.lines(path, {
      accept: tableAccept,
      query: { ...queryOf(options), watch: true, resourceVersion: revision, allowWatchBookmarks: true },
    });
    for await (const line of lines) {
      const { type, object } = JSON.parse(line) as TableEvent;
      told = true;
      if (type === "ERROR")
        throw new CommandError((object as unknown as Status).message ?? "the watch failed");
      revision = Number(object.metadata.resourceVersion ?? revision);
      if (type === "BOOKMARK") continue;
      columns = object.columnDefinitions ?? columns;
      const rows = object.rows.filter(
        (row) => names.length === 0 || names.includes(row.object.metadata.name),
      );
      if (rows.length === 0) continue;
      const printed = rows.map((row) => cells(columns, row, flags));
      process.stdout.write(shown.printer.print(headed ? printed : [header(columns, flags), ...printed]));
      headed = true;
    }
    // A watch ends now and then and is asked for again; one that told nothing was ended by a server on its way out.
    if (!told) return exitCodes.success;
  }
}
