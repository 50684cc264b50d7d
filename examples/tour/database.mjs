// A database of one number: each connection says the password and `visits`, and is told how many asked before.
import { createServer } from "node:net";

const { HOST = "127.0.0.1", PORT = "5432", DB_PASS = "" } = process.env;
let visits = 0;

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end(text === `${DB_PASS} visits\n` ? `${++visits}\n` : "wrong password\n"));
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => process.exit(0));
