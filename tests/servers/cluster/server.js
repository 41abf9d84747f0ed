// One of the servers of the cluster, started by cluster.js.
"use strict";

const { createServer } = require("node:http");
const { setTimeout: pause } = require("node:timers/promises");
const { parseArgs } = require("node:util");
const { createAdapter } = require("@socket.io/redis-streams-adapter");
const Redis = require("ioredis");
const { Server } = require("socket.io");

const NAMESPACES = ["/", "/team"];

const { values } = parseArgs({ options: { id: { type: "string" }, redis: { type: "string" } } });
const connectionName = `server-${values.id}`;
const redis = new Redis({ path: values.redis, connectionName });
const httpServer = createServer();
// The router chooses a server for each connection, so no connection may be used for a second session.
httpServer.maxRequestsPerSocket = 1;
const io = new Server(httpServer, {
  // A read of the stream that times out begins again at the newest entry, so this one must not: 0 is for ever.
  adapter: createAdapter(redis, { blockTimeInMs: 0 }),
  connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
});
const { generateId } = io.engine;
io.engine.generateId = (request) => `${values.id}-${generateId(request)}`;

const answers = new Map();
let requestCount = 0;

function askCluster(name, ...args) {
  const request = ++requestCount;
  process.send({ request, name, args });
  return new Promise((resolve) => answers.set(request, resolve));
}

function serveEvents(socket) {
  const namespace = socket.nsp;
  const joinedRooms = () => [...socket.rooms].filter((room) => room !== socket.id);
  const on = (event, handler) =>
    socket.on(event, (...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : () => {};
      return handler(args, ack);
    });

  on("server", (_args, ack) => ack(Number(values.id)));
  on("rooms", (_args, ack) => ack(joinedRooms()));
  on("join", async ([room], ack) => {
    await socket.join(room);
    ack(joinedRooms());
  });
  on("members", async ([room], ack) => {
    const members = await namespace.in(room).fetchSockets();
    ack(members.map((member) => member.id));
  });
  on("tell", ([room, ...args], ack) => {
    namespace.to(room).emit("told", ...args);
    ack();
  });
  // The same without an offset, to the members on this server. Acks when it has been sent.
  on("tell_volatile", ([room, ...args], ack) => {
    namespace.local.to(room).volatile.emit("told", ...args);
    setTimeout(ack, 20);
  });
  // The end of the TCP connection, without a close frame.
  on("cut_me", () => socket.conn.transport.socket.terminate());

  // Starts servers until there are two; acks with their ids.
  on("fill", async (_args, ack) => ack(await askCluster("fill")));
  // Both ack when the server with this id has gone.
  on("kill", async ([id], ack) => ack(await askCluster("kill", id)));
  on("close", async ([id], ack) => ack(await askCluster("close", id)));
}

// Whatever another server emits from now on must come here, so the adapter's own connections are waited for.
async function adapterListens() {
  for (;;) {
    const connections = (await redis.client("LIST")).split("\n");
    const own = connections.filter((line) => line.includes(` name=${connectionName} `));
    const does = (command) => own.some((line) => line.includes(` cmd=${command} `));
    if (does("xread") && does("subscribe")) return;
    await pause(10);
  }
}

// An orderly end: the sessions of all sockets are in Redis when the process has gone.
async function close() {
  await io.close();
  await redis.quit();
  process.exit(0);
}

async function main() {
  for (const name of NAMESPACES) io.of(name).on("connection", serveEvents);
  await adapterListens();
  httpServer.listen(0, "127.0.0.1", () => process.send({ port: httpServer.address().port }));
}

process.on("SIGTERM", close);
process.on("disconnect", () => process.exit(0));
process.on("message", ({ request, answer }) => {
  answers.get(request)(answer);
  answers.delete(request);
});
main();
