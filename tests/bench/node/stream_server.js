// A server that is never what limits: it makes the WebSocket frames of an event once, and writes many of them at a
// time. Of Engine.IO and Socket.IO it speaks what a client needs to connect and to ask for
//
// burst(kind, count)   so many events of a workload
"use strict";

const http = require("http");
const { WebSocketServer } = require("ws");
const { BINARY, NEVER_SEEN, events } = require("./payloads");
const { options } = require("./options");

const { payloads, port } = options({ payloads: "", port: 0 });
const WRITE_SIZE = 256 * 1024;
const TEXT = 1;
const DATA = 2;

const HANDSHAKE = JSON.stringify({
  sid: "stream",
  upgrades: [],
  pingInterval: 300000,
  pingTimeout: 300000,
  maxPayload: 1 << 28,
});

// One unfragmented frame of a server, RFC 6455 section 5.2.
function frame(opcode, payload) {
  const body = Buffer.from(payload);
  let head;
  if (body.length < 126) {
    head = Buffer.from([0x80 | opcode, body.length]);
  } else if (body.length < 1 << 16) {
    head = Buffer.from([0x80 | opcode, 126, 0, 0]);
    head.writeUInt16BE(body.length, 2);
  } else {
    head = Buffer.alloc(10);
    head.set([0x80 | opcode, 127]);
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

function frames(kind, event) {
  if (kind !== BINARY) return frame(TEXT, `42${JSON.stringify(event)}`);
  const placeholder = JSON.stringify([event[0], { _placeholder: true, num: 0 }]);
  return Buffer.concat([frame(TEXT, `451-${placeholder}`), frame(DATA, event[1])]);
}

// Hands out buffers of as many events as fit into one write.
function* writes(kind, count) {
  const event = events(payloads, kind);
  if (kind === NEVER_SEEN) {
    for (let i = 0; i < count; i += 64) {
      const numbers = Array.from({ length: Math.min(64, count - i) }, (_, k) => i + k);
      yield Buffer.concat(numbers.map((number) => frames(kind, event(number))));
    }
    return;
  }
  const one = frames(kind, event(0));
  const several = Math.max(1, Math.floor(WRITE_SIZE / one.length));
  const many = Buffer.concat(Array(several).fill(one));
  for (let left = count; left > 0; left -= several) {
    yield left >= several ? many : many.subarray(0, left * one.length);
  }
}

async function stream(socket, kind, count) {
  for (const buffer of writes(kind, count)) {
    if (socket.destroyed) return;
    if (!socket.write(buffer)) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
}

const sockets = new WebSocketServer({ noServer: true });
const server = http.createServer((_, response) => response.writeHead(400).end());
server.on("upgrade", (request, socket, head) => {
  socket.setNoDelay();
  socket.setMaxListeners(0);
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on("error", () => socket.destroy());
    client.send(`0${HANDSHAKE}`);
    client.on("message", (data) => {
      const packet = data.toString();
      if (packet.startsWith("40")) client.send('40{"sid":"stream"}');
      if (!packet.startsWith("42")) return;
      const [name, kind, count] = JSON.parse(packet.slice(2));
      if (name === "burst") stream(socket, kind, count);
    });
  });
});
server.listen(port, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.stdin.on("end", () => process.exit()).resume();
