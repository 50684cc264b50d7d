import { entry } from "./entry.ts";

/** KD242x: policies. */

export const policyViolated = entry<{ title: string; what: string; message?: string }>({
  code: "KD2421",
  severity: "error",
  message: ({ title, what, message }) =>
    `${what} is against the policy ${JSON.stringify(title)}${message === undefined ? "" : `: ${message}`}`,
  cause: "A `policy` is a rule for everything of a kind, also for what templates and other modules make.",
  fix: "Change what it is about, or give the policy a `where` that leaves it out.",
});
