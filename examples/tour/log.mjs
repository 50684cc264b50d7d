// Prints what the front end beside it writes into the volume that the two share.
import { closeSync, existsSync, openSync, readSync, watch } from "node:fs";
import { join } from "node:path";

const directory = process.env.KDSL_VOLUME_CACHE ?? "/in";
const file = join(directory, "access.log");
let position = 0;

function print() {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r");
  const buffer = Buffer.alloc(65536);
  for (
    let length;
    (length = readSync(descriptor, buffer, 0, buffer.length, position)) > 0;
    position += length
  ) {
    process.stdout.write(buffer.subarray(0, length));
  }
  closeSync(descriptor);
}

console.log(`watching ${file}`);
print();
watch(directory, print);
process.on("SIGTERM", () => process.exit(0));
