import { readFileSync, statfsSync } from "node:fs";
import { arch, availableParallelism, hostname, release, tmpdir, totalmem } from "node:os";
import { formatMemory } from "../../model/quantity.ts";
import type { Machine } from "../environment.ts";

/** Kubernetes' names of processor architectures are Go's (`runtime.GOARCH`). */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", mipsel: "mipsle" };

function firstLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").split("\n")[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** PRETTY_NAME of os-release(5), as the kubelet takes it. */
function osImage(): string {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      const found = /^PRETTY_NAME=(?:"([^"]*)"|(.*))$/m.exec(readFileSync(path, "utf8"));
      if (found) return (found[1] ?? found[2] ?? "").trim();
    } catch {
      // The next place.
    }
  }
  return process.platform;
}

/** Changes with every boot: with a pid and its start time it names a process for good. Empty where the kernel has none. */
export function bootId(): string {
  return firstLine("/proc/sys/kernel/random/boot_id") ?? "";
}

function memoryBytes(): number {
  // Inside a memory cgroup only its limit is there to be used; "no limit" shows as 0 or as more than there is.
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

function storageBytes(directory: string): number {
  try {
    const { blocks, bsize } = statfsSync(directory);
    return blocks * bsize;
  } catch {
    return 0;
  }
}

/**
 * What this machine is and has. `version` is KDSL's own, `directory` one on the disk that emptyDir volumes and logs
 * are kept on.
 */
export function readMachine(version: string, directory: string = tmpdir()): Machine {
  const machineID = firstLine("/etc/machine-id") ?? firstLine("/var/lib/dbus/machine-id") ?? "";
  return {
    hostname: hostname(),
    capacity: {
      cpu: String(availableParallelism()),
      memory: formatMemory(memoryBytes()),
      "ephemeral-storage": formatMemory(storageBytes(directory)),
    },
    info: {
      machineID: machineID.replaceAll("-", ""),
      // Only root may read the real one.
      systemUUID: firstLine("/sys/class/dmi/id/product_uuid") ?? machineID,
      bootID: bootId(),
      kernelVersion: release(),
      osImage: osImage(),
      containerRuntimeVersion: `process://${version}`,
      kubeletVersion: `v${version}`,
      kubeProxyVersion: `v${version}`,
      operatingSystem: process.platform,
      architecture: architectures[arch()] ?? arch(),
    },
  };
}
