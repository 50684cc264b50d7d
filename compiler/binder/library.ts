import app from "../../stdlib/app.kdsl?raw";
import labels from "../../stdlib/labels.kdsl?raw";
import machines from "../../stdlib/machines.kdsl?raw";
import baseline from "../../stdlib/policy/baseline.kdsl?raw";
import production from "../../stdlib/policy/production.kdsl?raw";
import restricted from "../../stdlib/policy/restricted.kdsl?raw";
import probe from "../../stdlib/probe.kdsl?raw";
import scenario from "../../stdlib/scenario.kdsl?raw";
import spread from "../../stdlib/spread.kdsl?raw";

/** The modules that come with the compiler, by the path that `use` names them with. */
export const library: Readonly<Record<string, string>> = {
  "std/app": app,
  "std/labels": labels,
  "std/machines": machines,
  "std/policy/baseline": baseline,
  "std/policy/production": production,
  "std/policy/restricted": restricted,
  "std/probe": probe,
  "std/scenario": scenario,
  "std/spread": spread,
};
