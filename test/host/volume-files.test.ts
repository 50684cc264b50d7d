import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeVolumeFiles } from "../../runtime/host/process/volume-files.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "kdsl-volume-files-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test.each(["../others", "../../others", "nested"])(
  "a link that a program has put in place of the volume's own is not followed: %s",
  async (target) => {
    const volume = join(root, "volumes", "settings");
    const write = (text: string) =>
      writeVolumeFiles("settings", [{ path: "key", content: btoa(text), mode: 0o644 }], volume);
    const others = join(volume, target);
    mkdirSync(volume, { recursive: true });
    mkdirSync(others, { recursive: true });
    writeFileSync(join(others, "precious"), "kept");
    await write("1");
    rmSync(join(volume, "..data"));
    symlinkSync(target, join(volume, "..data"));
    await write("2");
    expect(readFileSync(join(volume, "key"), "utf8")).toBe("2");
    expect(readFileSync(join(others, "precious"), "utf8")).toBe("kept");
  },
);
