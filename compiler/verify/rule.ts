import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Cluster } from "./cluster.ts";

/** Takes what is wrong. */
export type Tell = (diagnostic: Diagnostic) => void;

/** One question about a cluster. It tells what is wrong, in any order, and never throws. */
export type Rule = (cluster: Cluster, tell: Tell) => void;
