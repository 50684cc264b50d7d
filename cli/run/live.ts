import picocolors from "picocolors";
import { restarts } from "../../model/pod.ts";
import type { Cluster } from "../../runtime/cluster.ts";
import { isTelling, podState, serviceAddresses, unready } from "./progress.ts";

/** The part of a terminal that the live view draws on. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** Draws the state of the cluster in place, again whenever something changed, at most every `interval` milliseconds. */
export interface LiveView {
  /** A line that stays above the view. */
  note(line: string): void;
  close(): void;
}

export function liveView(
  cluster: Cluster,
  screen: Screen,
  options: { title: string; startedAt: number; interval?: number },
): LiveView {
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let readyAfter: number | undefined;

  const erase = () => {
    if (drawn > 0) screen.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const stateText = () => {
    const missing = unready(cluster).length;
    if (missing === 0) readyAfter ??= Date.now() - options.startedAt;
    if (readyAfter === undefined) return picocolors.yellow("starting");
    return missing === 0
      ? picocolors.green(`ready in ${(readyAfter / 1000).toFixed(2)} s`)
      : picocolors.yellow("not all ready");
  };
  const draw = () => {
    timer = undefined;
    if (closed) return;
    const lines = viewLines(cluster, options.title, stateText());
    erase();
    const room = Math.max(4, screen.rows - 2);
    const shown =
      lines.length > room
        ? [...lines.slice(0, room - 1), picocolors.dim(`  … ${lines.length - room + 1} more lines`)]
        : lines;
    screen.write(shown.map((line) => `${cut(line, screen.columns)}\n`).join(""));
    drawn = shown.length;
  };
  const soon = () => {
    timer ??= setTimeout(draw, options.interval ?? 60);
  };
  const note = (line: string) => {
    erase();
    screen.write(`${line}\n`);
    soon();
  };
  const stops: (() => void)[] = (
    ["Node", "Pod", "Service", "Endpoints", "ReplicationController"] as const
  ).map((kind) => cluster.client.watch(kind, soon));
  stops.push(
    cluster.client.watch("Event", ({ type, object }) => {
      if (type === "ADDED" && isTelling(object)) note(`${object.involvedObject.name}: ${object.message}`);
    }),
  );
  screen.write("\x1b[?25l");
  soon();
  return {
    note,
    close: () => {
      if (timer) clearTimeout(timer);
      draw();
      closed = true;
      for (const stop of stops) stop();
      screen.write("\x1b[?25h");
    },
  };
}

/** The view as lines: services and where they answer, then pods and how they are. */
export function viewLines(cluster: Cluster, title: string, state: string): string[] {
  const pods = cluster.client.list("Pod");
  const ready = pods.filter((pod) => podState(pod).text === "ready").length;
  const header = `${picocolors.bold(title)}  ${cluster.client.list("Node").length} nodes, ${ready} of ${pods.length} pods ready  ${state}`;
  const services = serviceAddresses(cluster.client, cluster.network).map(
    ({ service, inside, outside, ready: up, all }) => [
      service.metadata.name,
      inside.join(", ") || "headless",
      outside.map((address) => `http://${address}`).join(", "),
      up === all && all > 0 ? picocolors.green(`${up}/${all}`) : picocolors.yellow(`${up}/${all}`),
    ],
  );
  const rows = pods.map((pod) => {
    const { text, settled, bad } = podState(pod);
    const colour = bad ? picocolors.red : settled ? picocolors.green : picocolors.yellow;
    return [
      pod.metadata.name,
      pod.spec.nodeName ?? "",
      pod.status?.podIP ?? "",
      String(restarts(pod)),
      colour(text),
    ];
  });
  return [
    header,
    "",
    ...table(["SERVICE", "INSIDE", "OUTSIDE", "PODS"], services),
    "",
    ...table(["POD", "NODE", "ADDRESS", "RESTARTS", "STATE"], rows),
    "",
    picocolors.dim("  Ctrl-C stops it; kdsl get, describe, logs and scale work from another terminal"),
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => plainLength(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - plainLength(cell)))).join("  ")}`.trimEnd();
  return [picocolors.dim(line(titles)), ...rows.map(line)];
}

const colours = /\x1b\[[0-9;]*m/g;

function plainLength(text: string): number {
  return text.replace(colours, "").length;
}

/** Cuts a line to the terminal's width, colours not counted, so that it never wraps and the view can be erased. */
function cut(line: string, columns: number): string {
  if (plainLength(line) < columns) return line;
  let width = 0;
  let result = "";
  for (const piece of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (piece.startsWith("\x1b[")) result += piece;
    else {
      const room = Math.max(0, columns - 2 - width);
      result += piece.length > room ? `${piece.slice(0, room)}` : piece;
      width += piece.length;
    }
  }
  return `${result}…`;
}
