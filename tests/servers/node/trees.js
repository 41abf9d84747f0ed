// Random trees for the fuzz of received data, each event with its JSON text beside it. On the official Socket.IO server.
//
// `more` (count, limit) sends that many events of up to about `limit` values, `same` (text, args, ack) answers whether what
// came is what the text says.
"use strict";

const { createServer } = require("node:http");
const { parseArgs } = require("node:util");
const { Server } = require("socket.io");

const MAX_DEPTH = 6;
const MAX_ATTACHMENTS = 10;
const KEYS = ["id", "x", "y", "name", "tags", "a longer key than most", "\u00e9", "", "0"];
const TEXTS = [
  "", "a", "Ada", "Gr\u00fc\u00dfe", "\u4e2d", "\u{1f600}", '"\\\n\t/', "a text that is longer than the others", "\ufefftext",
  "\u00c3\u00a9", "\u00e9",
];
/** Of so many events, one is large, which other threads make and end. */
const EVENTS_PER_LARGE_ONE = 60;
const LARGE = 300_000;

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, seed: { type: "string", default: "1" } },
});

/** Mulberry32: the same numbers for the same seed. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Trees {
  constructor(seed) {
    this.random = generator(seed);
    /** The last events, of which later ones are variations. */
    this.recent = [];
  }

  below(limit) {
    return Math.floor(this.random() * limit);
  }

  /** The arguments of an event. */
  event(limit) {
    this.left = limit;
    this.attachments = 0;
    if (this.recent.length > 0 && this.random() < 0.7) {
      const event = this.vary(this.recent[this.below(this.recent.length)], 0);
      if (Array.isArray(event)) return event;
    }
    const event = Array.from({ length: this.below(5) }, () => this.value(0));
    if (this.below(EVENTS_PER_LARGE_ONE) === 0) event.push(this.large());
    this.recent.push(event);
    if (this.recent.length > 20) this.recent.shift();
    return event;
  }

  large() {
    switch (this.below(3)) {
      case 0: return Buffer.alloc(LARGE, this.below(256));
      case 1: return [{ text: "x".repeat(LARGE) }];
    }
    return Array.from({ length: LARGE / 100 }, (_, i) => ({ id: i, inner: [i, { x: i + 0.5 }] }));
  }

  /** A copy of a value with some parts replaced, so that containers of one event fit the next, or nearly. */
  vary(value, depth) {
    if (this.random() < 0.08 && depth > 0) return this.value(depth);
    if (Buffer.isBuffer(value)) return ++this.attachments > MAX_ATTACHMENTS ? null : Buffer.from(value);
    if (Array.isArray(value)) {
      const varied = value.map((element) => this.vary(element, depth + 1));
      const change = this.random();
      if (change < 0.1) varied.pop();
      else if (change < 0.2) varied.push(this.value(depth + 1));
      return varied;
    }
    if (value !== null && typeof value === "object") {
      const entries = Object.entries(value).map(([key, element]) => [key, this.vary(element, depth + 1)]);
      const change = this.random();
      if (change < 0.05) entries.pop();
      else if (change < 0.1) entries.reverse();
      else if (change < 0.15) entries.push([KEYS[this.below(KEYS.length)], this.value(depth + 1)]);
      return Object.fromEntries(entries);
    }
    return this.random() < 0.5 ? value : this.leaf();
  }

  value(depth) {
    this.left -= 1;
    if (depth >= MAX_DEPTH || this.left <= 0 || this.random() < 0.5) return this.leaf();
    const length = this.below(6);
    if (this.random() < 0.5) return Array.from({ length }, () => this.value(depth + 1));
    const entry = () => [KEYS[this.below(KEYS.length)], this.value(depth + 1)];
    return Object.fromEntries(Array.from({ length }, entry));
  }

  leaf() {
    switch (this.below(7)) {
      case 0: return null;
      case 1: return this.random() < 0.5;
      case 2: return this.below(2001) - 1000;
      case 3: return Number.MAX_SAFE_INTEGER - this.below(1000);
      case 4: return this.below(1000) + 0.25;
      case 5: return TEXTS[this.below(TEXTS.length)];
    }
    if (this.random() < 0.7 || ++this.attachments > MAX_ATTACHMENTS) return `text ${this.below(50)}`;
    return Buffer.alloc(this.below(40), this.below(256));
  }
}

/** The text of a value, with bytes as Godot's JSON writes them. */
function text(value) {
  return JSON.stringify(value, (_key, part) => (part?.type === "Buffer" ? `[${part.data.join(", ")}]` : part));
}

const httpServer = createServer();
const server = new Server(httpServer, { maxHttpBufferSize: 1e8 });
let sessions = 0;

server.on("connection", (socket) => {
  const trees = new Trees(Number(values.seed) * 1000 + sessions++);
  socket.on("more", (count, limit) => {
    for (let i = 0; i < count; i++) {
      const args = trees.event(limit);
      socket.emit("tree", text(args), ...args);
    }
  });
  socket.on("same", (expected, args, ack) => ack(text(args) === expected));
});

httpServer.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${httpServer.address().port}`);
});
process.stdin.resume().on("end", () => process.exit(0));
