import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { errorCode, reasonOf } from "../errors.ts";

/** What a machine may lack that examples and tutorials name, and what installs it (Debian and Ubuntu, Homebrew). */
const packages: Readonly<Record<string, string>> = {
  "redis-server": "apt-get install redis-server, or brew install redis",
  "redis-cli": "apt-get install redis-tools, or brew install redis",
  postgres: "apt-get install postgresql, or brew install postgresql",
  psql: "apt-get install postgresql-client, or brew install libpq",
  mysqld: "apt-get install default-mysql-server, or brew install mysql",
  mongod: "see mongodb.com/docs/manual/installation",
  nginx: "apt-get install nginx, or brew install nginx",
  httpd: "apt-get install apache2, or brew install httpd",
  haproxy: "apt-get install haproxy, or brew install haproxy",
  memcached: "apt-get install memcached, or brew install memcached",
  "rabbitmq-server": "apt-get install rabbitmq-server, or brew install rabbitmq",
  java: "apt-get install default-jre, or brew install openjdk",
  python3: "apt-get install python3, or brew install python",
  python: "apt-get install python-is-python3, or brew install python",
  ruby: "apt-get install ruby, or brew install ruby",
  php: "apt-get install php-cli, or brew install php",
  go: "apt-get install golang, or brew install go",
  curl: "apt-get install curl, or brew install curl",
  node: "see nodejs.org/en/download",
};

export type Executable = { readonly path: string } | UnusableExecutable;

export interface UnusableExecutable {
  /** With a way out, for who wrote the file. */
  readonly problem: string;
  /** In the words of runc, without more. */
  readonly cause: string;
  /** There is no such program; else it is there and cannot be run. */
  readonly missing: boolean;
}

/**
 * Finds the program that a command names, as execvp(3) does: by PATH, or from `directory` where it has a slash.
 * `toHost` leads from a path as the program will see it to where it is now (mounted volumes).
 */
export function findExecutable(
  name: string,
  directory: string,
  path: string,
  toHost: (path: string) => string = (each) => each,
): Executable {
  if (name === "") return { problem: 'exec: "": no command', cause: "no command", missing: true };
  if (name.includes("/")) {
    const whole = isAbsolute(name) ? name : resolve(directory, name);
    return runnable(whole, toHost(whole)) ?? { path: whole };
  }
  let denied: UnusableExecutable | undefined;
  for (const folder of path.split(delimiter)) {
    const whole = join(isAbsolute(folder) ? folder : resolve(directory, folder || "."), name);
    const problem = runnable(whole, toHost(whole));
    if (problem === undefined) return { path: whole };
    if (!problem.missing) denied ??= problem;
  }
  return denied ?? { problem: notFound(name), cause: "executable file not found in $PATH", missing: true };
}

function notFound(name: string): string {
  const known = packages[name];
  const way = known ? `install it (${known})` : "install it";
  return `exec: "${name}": executable file not found in $PATH: ${way}, or say in \`local { command: [...] }\` how this container runs here`;
}

/** Why the file cannot be run; undefined when it can. */
function runnable(shown: string, file: string): UnusableExecutable | undefined {
  try {
    const found = statSync(file);
    if (found.isDirectory())
      return { problem: `exec: "${shown}": is a directory`, cause: "is a directory", missing: false };
    accessSync(file, constants.X_OK);
  } catch (error) {
    const missing = ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "");
    return {
      problem: missing
        ? `exec: "${shown}": no such file or directory`
        : `exec: "${shown}": ${reasonOf(error)}${errorCode(error) === "EACCES" ? ` (chmod +x ${shown})` : ""}`,
      cause: missing ? `stat ${shown}: no such file or directory` : reasonOf(error),
      missing,
    };
  }
  const interpreter = interpreterOf(file);
  if (interpreter !== undefined && isAbsolute(interpreter)) {
    try {
      accessSync(interpreter, constants.X_OK);
    } catch {
      return {
        problem: `exec: "${shown}": its first line asks for ${interpreter}, which is not there`,
        cause: `its first line asks for ${interpreter}, which is not there`,
        missing: false,
      };
    }
  }
  return undefined;
}

/** The program that a script's first line names. The kernel reports a missing one as if the script were missing. */
function interpreterOf(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const start = Buffer.alloc(256);
    const length = readSync(descriptor, start, 0, start.length, 0);
    return /^#!\s*(\S+)/.exec(start.toString("latin1", 0, length))?.[1];
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
