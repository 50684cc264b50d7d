import { nearest } from "../../base/edit-distance.ts";
import { stepWords } from "../../grammar/tokens.ts";
import type { Spelling } from "./spellings.ts";

/** Words that people bring along for steps of scenarios, with what stands for them here. */

const say = (text: string): Spelling => ({ say: text });
const word = (name: string, form: string): Spelling => ({
  word: name,
  say: `it is written \`${form}\` here`,
});

const habits: Readonly<Record<string, Spelling>> = {
  ...each(
    ["assert", "require", "check", "verify", "should", "assume", "test", "must"],
    word("expect", "expect E"),
  ),
  ...each(["invariant", "ensure", "globally"], word("always", "always E")),
  ...each(["sleep", "pause", "delay", "advance"], word("wait", "wait 30s")),
  ...each(["terminate", "destroy", "fail"], word("kill", "kill X")),
  ...each(["start", "restore", "recover", "resurrect"], word("revive", "revive X")),
  ...each(["evict", "empty"], word("drain", "drain X")),
  ...each(["partition", "isolate", "disconnect"], word("cut", "cut X from Y")),
  ...each(["reconnect", "join"], word("heal", "heal X")),
  ...each(["upgrade", "patch", "extend", "rollout", "set"], word("update", "update rc x { … }")),
  ...each(["throttle", "lag"], word("slow", "slow X by 2s")),
  ...each(["finally", "reaches", "becomes"], word("eventually", "eventually E within 1min")),
  ...each(["holds", "remains"], word("stays", "stays E during 1min")),
  ...each(["when", "whenever"], word("after", "after E: E within 1min")),
  ...each(["loop", "times"], word("repeat", "repeat 3 { … }")),
  deploy: word("apply", "apply { param: value }"),
  foreach: say("one run for each is `for each x in xs { … }`"),
  delete: say(
    "a pod or node that dies is `kill X`; an object that goes is one that `apply { … }` no longer makes",
  ),
  stop: say("a node or pod that dies is `kill X`, a container that exits `crash X`"),
  restart: say("a container that exits, and is started again, is `crash X`"),
  until: say("`eventually E within 1min` waits for it; `always E until E` ends there"),
  while: say("`always E during 1min`, or `always E until E`"),
  await: say("`eventually E within 1min` waits for it"),
  rc: say("objects are declared outside of scenarios; `update rc x { … }` changes one"),
  pod: say("objects are declared outside of scenarios"),
  node: say("objects are declared outside of scenarios"),
  service: say("objects are declared outside of scenarios"),
};

function each(words: readonly string[], spelling: Spelling): Readonly<Record<string, Spelling>> {
  return Object.fromEntries(words.map((one) => [one, spelling]));
}

/** What was meant by a word that opens no step. */
export function stepSpelling(written: string): Spelling | undefined {
  if (Object.hasOwn(habits, written)) return habits[written];
  const meant = nearest(written, stepWords.keys());
  return meant === undefined ? undefined : { word: meant, say: `did you mean \`${meant}\`?` };
}
