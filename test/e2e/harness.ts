import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

/** Drives the real command, as the user who runs the tests or as an ordinary one. */

const root = join(import.meta.dirname, "../..");

/** The ordinary user that `.ci/run` makes; tests as root run once more as this one where it exists. */
const ordinaryUser = process.env.KDSL_TEST_USER ?? "kdsl-test";

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The accounts to test with: the one we are, and for root an ordinary one too, if the machine has it. */
export function accounts(): Account[] {
  const { username, uid, gid } = userInfo();
  const self = { name: username, uid, gid };
  if (uid !== 0) return [self];
  try {
    const [, , otherUid, otherGid] = execFileSync("getent", ["passwd", ordinaryUser], {
      encoding: "utf8",
    }).split(":");
    return [self, { name: ordinaryUser, uid: Number(otherUid), gid: Number(otherGid) }];
  } catch {
    console.warn(`no user ${ordinaryUser}: the end-to-end tests run as root only`);
    return [self];
  }
}

/** A folder of its own for one test: the built command, the examples, and whatever the test writes. */
export class Workspace {
  readonly directory: string;
  readonly account: Account;
  readonly #running = new Set<Running>();

  constructor(account: Account = accounts()[0]!) {
    this.account = account;
    this.directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
    for (const part of ["dist", "examples", "package.json"])
      cpSync(join(root, part), join(this.directory, part), { recursive: true });
    mkdirSync(this.runtime, { mode: 0o700 });
    this.#own(this.directory);
  }

  /** Where clusters keep their sockets and records: private, so that tests do not see each other's. */
  get runtime(): string {
    return join(this.directory, "runtime");
  }

  #own(path: string): void {
    chownSync(path, this.account.uid, this.account.gid);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const name = join(path, entry.name);
      if (entry.isDirectory()) this.#own(name);
      else if (entry.isFile()) chownSync(name, this.account.uid, this.account.gid);
    }
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    this.#own(this.directory);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8");
  }

  start(args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Running {
    const running = new Running(
      spawn(process.execPath, [join(this.directory, "dist/kdsl.cjs"), ...args], {
        cwd: this.directory,
        uid: this.account.uid,
        gid: this.account.gid,
        detached: true,
        env: {
          PATH: process.env.PATH,
          HOME: this.directory,
          LANG: "C.UTF-8",
          XDG_RUNTIME_DIR: this.runtime,
          ...options.env,
        },
      }),
      `kdsl ${args.join(" ")}`,
    );
    this.#running.add(running);
    return running;
  }

  /** Runs to the end. */
  async run(args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<Result> {
    return this.start(args, options).ended;
  }

  /** Runs and demands exit code 0; its standard output. */
  async ok(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`kdsl ${args.join(" ")} gave ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok([...args, "-o", "json"])) as T;
  }

  async close(): Promise<void> {
    for (const running of this.#running) running.kill("SIGKILL");
    await Promise.all([...this.#running].map((each) => each.ended));
    await until(() => strays(this.directory).length === 0, "all processes of the workspace to end");
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  stdout = "";
  stderr = "";
  readonly #what: string;
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(child: ChildProcess, what: string) {
    this.child = child;
    this.#what = what;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((done, fail) => {
      child.on("error", fail);
      child.on("close", (code, signal) => {
        this.#over = true;
        this.#wake();
        done({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until the output holds a match; fails when the command ends without one. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match) return match;
      if (this.#over)
        throw new Error(`${this.#what} ended without saying ${pattern}\n${this.stdout}${this.stderr}`);
      await new Promise<void>((done) => this.#waiting.push(done));
    }
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.child.pid!, signal);
    } catch {}
  }
}

/** Waits for a condition of the outside world that gives no event; fails with what was waited for after a generous while. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 30_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Processes whose environment or command line names this directory: what a run must not leave behind. */
export function strays(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const text =
          readFileSync(`/proc/${pid}/environ`, "latin1") + readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return text.includes(directory) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** One HTTP request on a connection of its own. */
export function fetchText(url: string, timeout = 5000): Promise<{ status: number; text: string }> {
  return new Promise((done, fail) => {
    const request = get(url, { agent: false, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, text }));
      response.on("error", fail);
    });
    request.on("timeout", () => request.destroy(new Error(`${url} does not answer`)));
    request.on("error", fail);
  });
}
