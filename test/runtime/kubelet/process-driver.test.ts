import { freshAddress, namespaceTools, startDriver, until } from "../../host/support.ts";
import { describePodDriver } from "./driver-contract.ts";

const tools = await namespaceTools();

for (const [name, use] of [
  ["the process driver", undefined],
  ...(tools ? [["the process driver with namespaces", tools] as const] : []),
] as const) {
  describePodDriver(name, async () => {
    const { driver, close } = startDriver(use);
    return {
      driver,
      until: (condition) => until(condition, "the answer that the contract asks for"),
      quiet: () => new Promise((resolve) => setTimeout(resolve, 300)),
      close,
      address: freshAddress(),
      commands: {
        runs: ["sleep", "1000"],
        ignoresTerm: ["sh", "-c", 'trap "" TERM; while :; do sleep 0.05; done'],
        exits: (code) => ["sh", "-c", `exit ${code}`],
      },
      missing: ["no-such-program-anywhere"],
    };
  });
}
