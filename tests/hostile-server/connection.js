// The connection of one client: plays scripts to it, and reads what it says.
"use strict";

const { createHash } = require("node:crypto");
const { setTimeout } = require("node:timers/promises");
const { FrameReader } = require("./frame_reader.js");

/** How much is written at once where the same bytes are written many times. */
const PIECE = 64 * 1024;
/** How many different messages of the client are kept, to be waited for. */
const KEPT = 1000;
/** What RFC 6455 has a server append to the client's key. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

class Connection {
  /** How many text messages have come on a WebSocket. */
  textCount = 0;
  #texts = new Set();
  #isOpen = true;
  /** Whether a script was played to its end. */
  #isOver = false;
  #socket;
  #scripts;
  /** What has come and is not read: HTTP, before a WebSocket begins. */
  #unread = Buffer.alloc(0);
  #request = "";
  /** Set once the connection is a WebSocket. */
  #frames = null;
  /** Wakes the script that waits for the client. */
  #wake = () => {};

  constructor(socket, scripts) {
    this.#socket = socket;
    this.#scripts = scripts;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isOpen = false;
      this.#wake();
    });
    socket.on("data", (bytes) => {
      this.#arrive(bytes);
      this.#wake();
    });
    socket.on("drain", () => this.#wake());
    this.#serve().catch((error) => {
      if (!(error instanceof Gone)) throw error;
    });
  }

  destroy() {
    this.#socket.destroy();
  }

  async #serve() {
    const greeting = this.#scripts.take("connect");
    if (greeting !== undefined) return this.#play(greeting);
    while (this.#frames === null) await this.#play(this.#scripts.take(await this.#readRequest()));
  }

  async #play(steps) {
    for (const { do: name, ...parameters } of steps) {
      if (!(name in STEPS)) throw new Error(`there is no step ${name}`);
      await STEPS[name].call(this, parameters);
    }
    this.#isOver = true;
  }

  /** Reads a request with its body. Returns the occasion that it is. */
  async #readRequest() {
    let end;
    while ((end = this.#unread.indexOf("\r\n\r\n")) < 0) await this.#happening();
    this.#request = this.#unread.toString("latin1", 0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(this.#request)?.[1] ?? 0);
    while (this.#unread.length < end + 4 + length) await this.#happening();
    this.#unread = this.#unread.subarray(end + 4 + length);
    if (this.#request.startsWith("POST")) return "post";
    return /^upgrade:/im.test(this.#request) ? "upgrade" : "get";
  }

  /** Waits until the client sends something, takes something, or ends the connection. */
  async #happening() {
    if (!this.#isOpen) throw new Gone();
    await new Promise((resolve) => (this.#wake = resolve));
  }

  #arrive(bytes) {
    if (this.#frames === null) this.#unread = Buffer.concat([this.#unread, bytes]);
    else this.#frames.feed(bytes);
  }

  #hear(text) {
    this.textCount += 1;
    if (this.#texts.size < KEPT) this.#texts.add(text);
  }

  /** Once the script is over: an answer in the middle of it would change what it sends. */
  #answerPing(payload) {
    if (this.#isOver && this.#isOpen) this.#socket.write(Buffer.concat([Buffer.from([0x8a, payload.length]), payload]));
  }

  async #write(bytes) {
    if (!this.#isOpen || this.#socket.writableEnded) throw new Gone();
    this.#socket.write(bytes);
    while (this.#socket.writableNeedDrain) await this.#happening();
  }

  async writeBytes({ base64, times }) {
    const bytes = Buffer.from(base64, "base64");
    const copies = Math.max(1, Math.min(times, Math.floor(PIECE / Math.max(1, bytes.length))));
    const piece = Buffer.concat(Array(copies).fill(bytes));
    for (let left = times; left > 0; left -= copies) {
      await this.#write(left >= copies ? piece : piece.subarray(0, left * bytes.length));
    }
  }

  async trickle({ base64, ms }) {
    for (const byte of Buffer.from(base64, "base64")) {
      await this.#write(Buffer.from([byte]));
      await setTimeout(ms);
    }
  }

  async accept({ headers = "" }) {
    const key = /^sec-websocket-key: *(\S+)/im.exec(this.#request)?.[1] ?? "";
    const proof = createHash("sha1").update(key + GUID).digest("base64");
    this.#frames = new FrameReader(
      (text) => this.#hear(text),
      (payload) => this.#answerPing(payload),
    );
    const answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    await this.#write(Buffer.from(`${answer.join("\r\n")}\r\nSec-WebSocket-Accept: ${proof}\r\n${headers}\r\n`));
    const early = this.#unread;
    this.#unread = Buffer.alloc(0);
    this.#frames.feed(early);
  }

  async waitFor({ text }) {
    while (!this.#texts.has(text)) await this.#happening();
  }

  async pause({ ms }) {
    await setTimeout(ms);
  }

  stopReading() {
    this.#socket.pause();
  }

  end() {
    this.#socket.end();
  }

  reset() {
    this.#socket.resetAndDestroy();
  }
}

/** What a script consists of. */
const STEPS = {
  /** Writes these bytes so many times. */
  write: Connection.prototype.writeBytes,
  /** Writes these bytes one at a time, so many milliseconds apart. */
  trickle: Connection.prototype.trickle,
  /** Answers the request so that the connection is a WebSocket, with further header lines. */
  accept: Connection.prototype.accept,
  /** Waits until the client has sent this very text message. */
  wait_for: Connection.prototype.waitFor,
  pause: Connection.prototype.pause,
  /** Reads no more: what the client sends fills the buffers in between. */
  stop_reading: Connection.prototype.stopReading,
  /** Ends the connection with FIN. */
  end: Connection.prototype.end,
  /** Ends the connection with RST. */
  reset: Connection.prototype.reset,
};

/** The client has ended the connection, and the script with it. */
class Gone extends Error {}

module.exports = { Connection };
