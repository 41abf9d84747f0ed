// Two Socket.IO servers behind one port: starts, kills and replaces them.
//   node cluster.js --redis SOCKET [--port N]
"use strict";

const { fork } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { createRouter } = require("./router.js");

const SERVERS = 2;

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, redis: { type: "string" } },
});

const processOf = new Map();
// The servers that take connections.
const portOf = new Map();
let lastId = 0;

async function startServer() {
  const id = ++lastId;
  const server = fork(path.join(__dirname, "server.js"), ["--id", String(id), "--redis", values.redis]);
  processOf.set(id, server);
  server.on("exit", () => {
    processOf.delete(id);
    portOf.delete(id);
  });
  const [{ port }] = await once(server, "message");
  portOf.set(id, port);
  server.on("message", async ({ request, name, args }) => {
    const answer = await requests[name](...args);
    if (server.connected) server.send({ request, answer });
  });
}

// What a server asks for in the name of a client, see server.js.
const requests = {
  async fill() {
    const missing = SERVERS - portOf.size;
    await Promise.all(Array.from({ length: missing }, startServer));
    return [...portOf.keys()];
  },
  kill: (id) => end(id, "SIGKILL"),
  close: (id) => end(id, "SIGTERM"),
};

async function end(id, signal) {
  if (!portOf.delete(id)) return "no such server";
  const server = processOf.get(id);
  server.kill(signal);
  await once(server, "exit");
}

async function main() {
  await requests.fill();
  const router = createRouter(portOf).listen(Number(values.port), "127.0.0.1", () => {
    console.log(`listening on http://127.0.0.1:${router.address().port}`);
  });
}

// The servers end by themselves when their channel to this process closes.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
main();
