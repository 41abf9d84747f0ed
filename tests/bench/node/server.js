// The official Socket.IO server, which makes each message when it is emitted.
//
// burst(kind, count)   emits so many events of a workload to the client
// sink(...)            is counted
// total(answer)        answers how many were counted since the last time
// echo(data, answer)   answers the same
// silence(answer)      never answers
// order(count)         emits "ordered" with the numbers from 0
// sized(size, count)   emits events with a text of so many bytes
// spread(count)        emits events to all namespaces of the connection in turn
"use strict";

const http = require("http");
const { Server } = require("socket.io");
const { events } = require("./payloads");
const { options } = require("./options");

const { payloads, port, pingInterval, pingTimeout } = options({
  payloads: "",
  port: 0,
  pingInterval: 25000,
  pingTimeout: 20000,
});

// A server that sends for a while does so in many turns of its event loop: in one, nothing would leave until all is made.
const EVENTS_PER_TURN = 32;
const turn = () => new Promise((resolve) => setImmediate(resolve));

const listener = http.createServer();
const server = new Server(listener, {
  serveClient: false,
  pingInterval,
  pingTimeout,
  maxHttpBufferSize: 1 << 28,
});

function serve(socket) {
  let counted = 0;
  socket.on("burst", async (kind, count) => {
    const event = events(payloads, kind);
    for (let i = 0; i < count; i++) {
      socket.emit(...event(i));
      if (i % EVENTS_PER_TURN === EVENTS_PER_TURN - 1) await turn();
    }
  });
  socket.on("sink", () => {
    counted += 1;
  });
  socket.on("total", (answer) => {
    answer(counted);
    counted = 0;
  });
  socket.on("echo", (data, answer) => answer(data));
  socket.on("silence", () => {});
  socket.on("order", (count) => {
    for (let i = 0; i < count; i++) socket.emit("ordered", i);
  });
  socket.on("sized", (size, count) => {
    const data = "x".repeat(size);
    for (let i = 0; i < count; i++) socket.emit("sized", data);
  });
  socket.on("spread", (count) => {
    const all = [...socket.conn.namespaces];
    for (let i = 0; i < count; i++) all[i % all.length].emit("move", { id: i });
  });
}

// Every namespace exists. A connection knows its own.
for (const namespace of [server.of("/"), server.of(/^\/./)]) {
  namespace.on("connection", (socket) => {
    socket.conn.namespaces ??= new Set();
    socket.conn.namespaces.add(socket);
    serve(socket);
  });
}
listener.listen(port, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${listener.address().port}`);
});
process.stdin.on("end", () => process.exit()).resume();
