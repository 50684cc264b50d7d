/** Why this machine cannot do what was asked: each has one way out, which `message` names. */
export type HostErrorCode =
  /** Not Linux: there is no 127.0.0.0/8 to give addresses from. */
  | "UnsupportedPlatform"
  /** The same file is being run already; `details.pid` is who runs it. */
  | "AlreadyRunning"
  /** The directory for run-time files cannot be made or is not ours. */
  | "RuntimeDirectory"
  /** Every 127.x.0.0/16 is taken. */
  | "NoFreeNetwork"
  /** Pods were to have networks of their own, and cannot. */
  | "NoIsolation"
  /** Another start holds the lock and does not let go. */
  | "Busy"
  /** The kubeconfig cannot be written where it was asked for. */
  | "Kubeconfig"
  /** The logs asked for do not exist. */
  | "LogsUnavailable";

export class HostError extends Error {
  readonly code: HostErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: HostErrorCode, message: string, details: Readonly<Record<string, string | number>> = {}) {
    super(message);
    this.name = "HostError";
    this.code = code;
    this.details = details;
  }
}

/** The `code` of a system error (`ENOENT`, `EADDRINUSE`), if it is one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "is a directory",
  EEXIST: "exists already",
  ELOOP: "too many symbolic links",
  ENOSPC: "no space left on the disk",
  EDQUOT: "disk quota exceeded",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ENOEXEC: "not a program this machine can run",
  E2BIG: "arguments and environment are too long",
  EMFILE: "too many open files",
  ENFILE: "too many open files on this machine",
  EAGAIN: "the limit of processes is reached",
  ENOMEM: "out of memory",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EPIPE: "broken pipe",
};

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (code !== undefined && reasons[code] !== undefined) return reasons[code];
  return error instanceof Error ? error.message : String(error);
}
