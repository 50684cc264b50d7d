import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Cluster } from "./cluster.ts";

/** One question about a cluster. It gives what is wrong, in any order, and never throws. */
export type Rule = (cluster: Cluster) => Iterable<Diagnostic>;
