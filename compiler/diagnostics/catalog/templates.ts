import { entry } from "./entry.ts";

/** KD240x: templates. */

export const templateCycle = entry<{ chain: readonly string[] }>({
  code: "KD2401",
  severity: "error",
  message: ({ chain }) =>
    chain.length === 2
      ? `template \`${chain[0]}\` uses itself`
      : `templates use each other in a circle: ${chain.map((name) => `\`${name}\``).join(" → ")}`,
  cause: "One use would make objects without end.",
  fix: "Take one of the uses out of the circle; what both need can be a third template.",
});

export const templateTooLarge = entry<{ name: string; most: number }>({
  code: "KD2402",
  severity: "error",
  message: ({ name, most }) => `one use of template \`${name}\` would make more than ${most} objects`,
  cause:
    "Templates that use templates multiply; there is a limit, so that every file is compiled in bounded time and space.",
  fix: "Use fewer templates in it, or make some of the objects only where they are needed.",
});
