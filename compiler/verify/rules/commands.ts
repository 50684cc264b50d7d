import type { Container } from "../../../model/core.ts";
import type { FieldPath } from "../../../model/plan.ts";
import {
  commandInOne,
  secretInArguments,
  shellLeftover,
  shellSyntax,
  shellWithoutC,
} from "../../diagnostics/catalog/habits.ts";
import { item } from "../../plan/paths.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster } from "../cluster.ts";
import { advise, narrow, partOf, replace, replacePart } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, quote } from "../words.ts";

/** Commands are started word for word: what people write for a shell that is not there, or that is. */
export const commands: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    for (const { container, path } of workload.containers) {
      for (const command of commandsOf(container, path)) {
        const about: About = { cluster, key: workload.key, container, ...command };
        if (command.words.some(isShell)) shell(about, tell);
        else plain(about, tell);
      }
      secrets(cluster, workload.key, container, path, tell);
    }
  }
};

interface Command {
  readonly words: readonly string[];
  readonly paths: readonly FieldPath[];
  /** Whether Kubernetes puts variables into it: it does so for the container's own command alone. */
  readonly expanded: boolean;
}

interface About extends Command {
  readonly cluster: Cluster;
  readonly key: string;
  readonly container: Container;
}

/** What the container itself runs, and its probes and hooks. Without a `command` the image's own program decides. */
function commandsOf(container: Container, path: FieldPath): readonly Command[] {
  const found: Command[] = [];
  const { command, args = [] } = container;
  const of = (list: readonly string[], at: FieldPath) => list.map((_, index) => item(at, index));
  if (command && command.length > 0)
    found.push({
      words: [...command, ...args],
      paths: [...of(command, `${path}.command`), ...of(args, `${path}.args`)],
      expanded: true,
    });
  for (const field of ["readinessProbe", "livenessProbe", "startupProbe"] as const) {
    const exec = container[field]?.exec;
    if (exec)
      found.push({
        words: exec.command,
        paths: of(exec.command, `${path}.${field}.exec.command`),
        expanded: false,
      });
  }
  for (const field of ["postStart", "preStop"] as const) {
    const exec = container.lifecycle?.[field]?.exec;
    if (exec)
      found.push({
        words: exec.command,
        paths: of(exec.command, `${path}.lifecycle.${field}.exec.command`),
        expanded: false,
      });
  }
  return found;
}

export const isShell = (word: string) =>
  /^(?:\/(?:usr\/)?(?:local\/)?bin\/)?(?:ba|a|da|z|k|fi|c)?sh$/.test(word);

const asList = (words: readonly string[]) => `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;

const spanOf = ({ cluster, key, paths }: About, index: number, word: string): Span =>
  narrow(cluster.near(key, paths[index]), word);

const operators = new Set(["|", "||", "&&", "&", ";", ">", ">>", "<", "2>&1"]);

function plain(about: About, tell: Tell): void {
  const { container, words, expanded } = about;
  const [program = ""] = words;
  if (/\S\s+\S/.test(program) && !/^["'/]/.test(program)) {
    const span = spanOf(about, 0, program);
    const parts = program.trim().split(/\s+/);
    const needsShell = /[|&;<>$`]/.test(program);
    const better = needsShell ? ["sh", "-c", program] : parts;
    const text = better.map((word) => JSON.stringify(word)).join(", ");
    tell(
      commandInOne(
        span,
        { container: container.name, command: program },
        { fixes: [replace(`write \`${asList(better)}\``, span, JSON.stringify(program), text)] },
      ),
    );
    return;
  }
  const known = new Set((container.env ?? []).map(({ name }) => name));
  for (const [index, word] of words.entries()) {
    if (index > 0 && operators.has(word)) {
      const script = words.join(" ");
      tell(
        shellSyntax(
          spanOf(about, index, word),
          { container: container.name, text: word },
          { fixes: [advise(`start a shell: \`${asList(["sh", "-c", script])}\``)] },
        ),
      );
      return;
    }
    const variable = /(?<![$\\])\$(?:\{(\w+)\}|(\w+))/.exec(word);
    const name = variable?.[1] ?? variable?.[2];
    if (!variable || !name || !known.has(name)) continue;
    const whole = about.cluster.near(about.key, about.paths[index]);
    const span = partOf(whole, variable[0]) ?? whole;
    const fix = expanded ? [replacePart(`write \`$(${name})\``, span, variable[0], `$(${name})`)] : [];
    tell(shellSyntax(span, { container: container.name, text: variable[0] }, { fixes: fix }));
    return;
  }
}

function shell(about: About, tell: Tell): void {
  const { container, words } = about;
  const at = words.findIndex(isShell);
  const flag = words.findIndex((word, index) => index > at && /^-[a-z]*c[a-z]*$/.test(word));
  if (flag < 0) {
    const next = words[at + 1];
    if (next === undefined || next.startsWith("-") || !/\S\s+\S/.test(next) || words.length > at + 2) return;
    const span = spanOf(about, at + 1, next);
    tell(
      shellWithoutC(
        span,
        { container: container.name, shell: words[at]!, text: next },
        {
          fixes: [
            replace(`write \`"-c"\` before it`, span, JSON.stringify(next), `"-c", ${JSON.stringify(next)}`),
          ],
        },
      ),
    );
    return;
  }
  const script = words[flag + 1];
  const rest = words.slice(flag + 2);
  if (script === undefined || rest.length === 0 || /[\s$;|&]/.test(script.trim())) return;
  tell(
    shellLeftover(
      spanOf(about, flag + 1, script),
      { container: container.name, script, rest: join(rest.map(quote)) },
      { fixes: [advise(`write \`${asList([...words.slice(0, flag + 1), [script, ...rest].join(" ")])}\``)] },
    ),
  );
}

/** Arguments can be read by whoever lists processes. */
function secrets(cluster: Cluster, key: string, container: Container, path: FieldPath, tell: Tell): void {
  if (!container.command && !container.args) return;
  const secret = new Set(
    (container.env ?? []).filter(({ valueFrom }) => valueFrom?.secretKeyRef).map(({ name }) => name),
  );
  if (secret.size === 0) return;
  for (const list of ["command", "args"] as const) {
    for (const [index, word] of (container[list] ?? []).entries()) {
      for (const [reference, name] of word.matchAll(/(?<!\$)\$\(([^()\s]+)\)/g)) {
        if (!secret.has(name!)) continue;
        const span = cluster.near(key, `${path}.${list}[${index}]`);
        tell(
          secretInArguments(
            partOf(span, reference) ?? span,
            { container: container.name, name: name! },
            {
              fixes: [
                advise("let the program read the variable itself, or a file in a volume of the secret"),
              ],
            },
          ),
        );
      }
    }
  }
}
