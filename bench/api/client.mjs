// The clients, in a process of their own: what they cost is not the server's. Orders come from the parent.
import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One request, whose answer is read and dropped. */
function ask({ socketPath, method = "GET", path, body }) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const sent = request({ socketPath, method, path, headers, agent }, (answer) => {
      if (answer.statusCode >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode}`));
      answer.resume();
      answer.on("end", resolve);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function askOften(order) {
  let left = order.times;
  const one = async () => {
    while (left-- > 0) await ask(order);
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

/** Opens watches; counts the bytes of each until it has `bytes`. */
function watchAll({ socketPath, path, watchers, bytes }, opened) {
  let waiting = watchers;
  return Promise.all(
    Array.from(
      { length: watchers },
      () =>
        new Promise((resolve, reject) => {
          const sent = request({ socketPath, path, agent: false }, (answer) => {
            let seen = 0;
            answer.on("data", (chunk) => {
              seen += chunk.length;
              if (seen < bytes) return;
              sent.destroy();
              resolve();
            });
            if (--waiting === 0) opened();
          });
          sent.on("error", (error) => (sent.destroyed ? resolve() : reject(error)));
          sent.end();
        }),
    ),
  );
}

process.on("message", async (order) => {
  try {
    if (order.watchers) await watchAll(order, () => process.send("opened"));
    else await askOften(order);
    process.send("done");
  } catch (error) {
    process.send(`failed: ${error.message}`);
  }
});
