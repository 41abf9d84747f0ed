// The scenario contract (see ../CONTRACT.md) on the official Socket.IO server.
"use strict";

const { createServer } = require("node:http");
const { parseArgs } = require("node:util");
const { Server } = require("socket.io");
const { Adapter } = require("socket.io-adapter");

const BYTES = Buffer.from([0, 1, 2, 254, 255]);
const EMPTY = Buffer.alloc(0);
const NO_ANSWER_AFTER_MS = 500;

const TYPES = [
  null, true, false, 0, -1, 2147483648, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.1, -2.5, 1e300, 5e-324,
  "", "text", "h\u00e9llo", "\u{1f600}\u{1f468}\u200d\u{1f680}", "a\u0000b", '"\\\n\t/',
  [], {}, [[]], { a: {} }, [[[[[[[[[["bottom"]]]]]]]]]], { z: 1, a: 2, m: 3 },
];

/** What carries the connections: a WebSocket, HTTP long-polling alone, or at first and then a WebSocket. */
const TRANSPORTS = {
  websocket: {},
  polling: { transports: ["polling"] },
  upgrade: {
    allowRequest: (request, decide) => {
      const isFirst = request.headers.upgrade !== undefined && !request.url.includes("sid=");
      if (isFirst) decide("Transport unknown", false);
      else decide(null, true);
    },
  },
};

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, transport: { type: "string", default: "websocket" } },
});

const memory = new Map();
const ends = new Map();
/** The `stream` of each session, by its id. */
const streams = new Map();

function serveEvents(socket) {
  const on = (event, handler) =>
    socket.on(event, (...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : () => {};
      handler(args, ack);
    });

  on("echo", (args) => socket.emit("echo", ...args));
  on("echo_ack", (args, ack) => ack(...args));
  on("", (args, ack) => ack(...args));
  on("ack_empty", (_args, ack) => ack());
  on("ack_never", () => {});
  on("ack_delayed", ([ms, ...args], ack) => setTimeout(() => ack(...args), ms));
  on("ask", (args) => {
    socket.timeout(NO_ANSWER_AFTER_MS).emit("question", ...args, (error, ...answer) => {
      if (error) socket.emit("no_answer");
      else socket.emit("answer", ...answer);
    });
  });
  on("emit_named", ([name, ...args]) => socket.emit(name, ...args));

  on("types", () => socket.emit("types", ...TYPES));
  on("int64", () => {
    // JavaScript cannot hold these numbers, so the packet goes to the Engine.IO socket as text.
    const prefix = socket.nsp.name === "/" ? "2" : `2${socket.nsp.name},`;
    socket.conn.write(`${prefix}["int64",9223372036854775807,-9223372036854775808,9007199254740993]`);
  });
  on("surrogates", () => socket.emit("surrogates", "a\ud800b", "\udc00"));
  on("binary", () => {
    socket.emit("binary", { name: "deep", levels: { a: [{ b: BYTES }] } }, EMPTY, "end", [BYTES, BYTES]);
  });
  on("many_attachments", ([count]) => {
    socket.emit("many_attachments", ...Array.from({ length: count }, (_, i) => Buffer.from([i])));
  });
  on("burst", ([count]) => {
    for (let i = 0; i < count; i++) socket.emit("burst", i);
  });

  on("auth", (_args, ack) => ack(Object.keys(socket.handshake.auth).length > 0 ? socket.handshake.auth : null));
  on("handshake", (_args, ack) => {
    const { url, query, headers } = socket.handshake;
    ack({ path: url.split("?")[0], query, headers });
  });
  on("whoami", (_args, ack) => ack(socket.id));
  on("remember", ([key, ...args]) => memory.set(key, [...(memory.get(key) ?? []), args]));
  on("recall", ([key], ack) => ack(memory.get(key) ?? []));
  on("is_connected", ([id], ack) => ack(socket.nsp.sockets.has(id)));

  socket.on("disconnect", (reason) => {
    ends.set(socket.id, reason === "client namespace disconnect" ? "packet" : "connection");
  });
  on("end_of", ([id], ack) => ack(ends.get(id) ?? null));

  on("leave_me", () => {
    socket.emit("goodbye");
    socket.disconnect();
  });
  on("drop_me", () => {
    socket.emit("goodbye");
    socket.disconnect(true);
  });
  on("close_me", () => socket.conn.close());
}

/** Events for the endpoint that restores sessions: what they send does not depend on the connection. */
function serveStreams(socket) {
  const { id, nsp } = socket;

  socket.on("recovered", (ack) => ack(socket.recovered));
  socket.on("join", (name, ack) => {
    socket.join(name);
    ack();
  });
  socket.on("to_room", (name, event, ...args) => nsp.to(name).emit(event, ...args));
  // A moment later: what is volatile is dropped while something else is being sent.
  socket.on("volatile", (event, ...args) => setTimeout(() => nsp.to(id).volatile.emit(event, ...args), 20));
  socket.on("stream", (count, ms, size) => {
    const attachment = size > 0 ? [Buffer.alloc(size, 7)] : [];
    streams.set(id, startStream(count, ms, (i) => nsp.to(id).emit("tick", i, ...attachment)));
  });
  socket.on("stream_volatile", (count, ms) => {
    startStream(count, ms, (i) => nsp.to(id).volatile.emit("volatile_tick", i));
  });
  socket.on("stream_asking", (count, ms) => {
    // A session that was restored has the same id and another socket.
    startStream(count, ms, (i) => nsp.sockets.get(id)?.emit("asked_tick", i, () => nsp.to(id).emit("tick_acked", i)));
  });
  socket.on("end_stream", (ack) => {
    const stream = streams.get(id);
    clearInterval(stream?.timer);
    streams.delete(id);
    ack(stream?.sent ?? 0);
  });
}

function startStream(count, ms, emit) {
  const stream = { sent: 0, timer: null };
  stream.timer = setInterval(() => {
    if (stream.sent < count) emit(stream.sent++);
    else clearInterval(stream.timer);
  }, ms);
  return stream;
}

function serveScenario(httpServer, options) {
  const io = new Server(httpServer, { maxHttpBufferSize: 4 * 1024 * 1024, ...TRANSPORTS[values.transport], ...options });

  const serve = (socket) => {
    serveEvents(socket);
    if (options.connectionStateRecovery) serveStreams(socket);
  };
  io.use((socket, next) => next(socket.handshake.auth.refuse ? new Error("unauthorised") : undefined));
  io.on("connection", serve);
  io.of("/chat").on("connection", (socket) => {
    serve(socket);
    socket.emit("welcome", socket.id);
  });
  io.of("/slow")
    .use((_socket, next) => setTimeout(next, 300))
    .on("connection", serve);
  io.of("/admin")
    .use((socket, next) => {
      if (socket.handshake.auth.token === "secret") return next();
      const refusal = new Error("unauthorised");
      refusal.data = { code: 401, hint: "send a token" };
      next(refusal);
    })
    .on("connection", serve);
}

const httpServer = createServer();
serveScenario(httpServer, {});
serveScenario(httpServer, { path: "/fast/socket.io/", pingInterval: 1000, pingTimeout: 500 });
serveScenario(httpServer, {
  path: "/recovery/socket.io/",
  pingInterval: 400,
  pingTimeout: 400,
  connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
});
// Sends the pid of a session that it cannot restore, and no offsets.
serveScenario(httpServer, { path: "/pid/socket.io/", adapter: Adapter, connectionStateRecovery: {} });
httpServer.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${httpServer.address().port}`);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
