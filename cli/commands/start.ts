/** Runs a command's own code and keeps its exit code. What it throws is `main`'s to report. */
export async function start(command: () => Promise<number>): Promise<void> {
  process.exitCode = await command();
}

/** As `start`, for commands that may print for ever: a reader that has gone (`| head`) is a reason to end at once. */
export async function startClient(command: () => Promise<number>): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  await start(command);
}
