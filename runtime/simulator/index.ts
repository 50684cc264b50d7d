/** The simulator as a library (`kdsl/simulator`): pure, without `node:` imports, the same in Node and in a browser. */

export type { Plan } from "../../model/plan.ts";
export type { Faults } from "./faults.ts";
export { type Broken, invariants } from "./invariants/index.ts";
export { commonScenarios, withNodes } from "./scenario/common.ts";
export { type ExploreOptions, explore, type ScenarioResult } from "./scenario/explore.ts";
export {
  createSimulation,
  type LoopError,
  type Simulation,
  type SimulationOptions,
} from "./simulation.ts";
export type { SwarmCase } from "./swarm/case.ts";
export { drawCase } from "./swarm/draw.ts";
export { runCase, type SwarmFailure, type SwarmResult } from "./swarm/run.ts";
export { shrinkCase } from "./swarm/shrink.ts";
export { type Translated, withDaemonPods, withWorkloads } from "./workloads.ts";
