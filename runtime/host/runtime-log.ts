import { join } from "node:path";
import { openLog } from "./process/log-writer.ts";

/** The runtime's own log, `runtime.log` in the cluster's directory: bounded as the containers' logs are. */
export interface RuntimeLog {
  readonly write: (text: string) => void;
  close(): void;
}

export function openRuntimeLog(directory: string): RuntimeLog {
  const log = openLog(join(directory, "runtime.log"));
  return {
    write: (text) => {
      for (const line of text.split("\n")) log.note(line);
    },
    close: () => log.end(),
  };
}
