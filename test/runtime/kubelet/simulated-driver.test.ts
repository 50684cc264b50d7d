import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import {
  createSimulatedDriver,
  type SimulatedBehaviour,
} from "../../../runtime/kubelet/drivers/simulated.ts";
import { describePodDriver } from "./driver-contract.ts";

const behaviours: Record<string, (argument: string | undefined) => SimulatedBehaviour> = {
  runs: () => ({}),
  ignore: () => ({ stopDelay: Number.POSITIVE_INFINITY }),
  exit: (code) => ({ exitAfter: 5, exitCode: Number(code) }),
  missing: () => ({ failure: { reason: "RunContainerError", message: "missing: command not found" } }),
};

describePodDriver("the simulated driver", async () => {
  const clock = new VirtualClock();
  const behaviour = ({ command }: { command: readonly string[] }) => behaviours[command[0]!]!(command[1]);
  return {
    driver: createSimulatedDriver({ clock, random: seededRandom(1), behaviour }),
    async until(condition) {
      for (let waited = 0; !condition(); waited++) {
        if (waited > 10_000) throw new Error("the condition did not come to hold");
        clock.advance(1);
      }
    },
    async quiet() {
      clock.advance(5000);
    },
    async close() {},
    address: "127.9.128.2",
    commands: { runs: ["runs"], ignoresTerm: ["ignore"], exits: (code) => ["exit", String(code)] },
    missing: ["missing"],
  };
});
