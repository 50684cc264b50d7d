/** The simulator as a library (`kdsl/simulator`): pure, without `node:` imports, the same in Node and in a browser. */

export type { Plan } from "../../model/plan.ts";
export type { Faults } from "./faults.ts";
export { type Broken, invariants } from "./invariants/index.ts";
export {
  createSimulation,
  type LoopError,
  type Simulation,
  type SimulationOptions,
} from "./simulation.ts";
