// One direction of a connection: the bytes from one socket to another, under a rule.
"use strict";

const { setImmediate, setTimeout } = require("node:timers/promises");

/** Beyond so many bytes that wait, the source is not read. */
const HIGH_WATER = 1024 * 1024;

/** What becomes of the bytes of one direction. Every field can be changed while they flow. */
const FORWARD = Object.freeze({
  /** "forward", "swallow" (they vanish, the end of the stream as well) or "stall" (they wait). */
  pass: "forward",
  /** How late each byte comes. */
  delay_ms: 0,
  /** 0: as fast as it goes. */
  bytes_per_second: 0,
  /** The bytes written at once; 0: as they came. */
  piece: 0,
  /** `{bytes, then}`: after so many more bytes, "cut", "reset", "swallow" or "corrupt", which changes the next byte. */
  after: null,
});

class Direction {
  #source;
  #sink;
  #onFault;
  #rule = { ...FORWARD };
  /** `{bytes, due}` in order; `bytes` is null for the end of the stream. */
  #queue = [];
  #queued = 0;
  #pumping = false;
  #passed = 0;
  #swallowed = 0;
  #corrupts = false;

  /** `onFault("cut" | "reset")` is called when the rule's byte count is reached. */
  constructor(source, sink, onFault) {
    this.#source = source;
    this.#sink = sink;
    this.#onFault = onFault;
    source.on("data", (bytes) => this.#arrive(bytes));
    source.on("end", () => this.#arrive(null));
    sink.on("drain", () => this.#pump());
  }

  /** The bytes that went through, and those that vanished. */
  get counts() {
    return { passed: this.#passed, swallowed: this.#swallowed };
  }

  /** Whether the source's end must not be seen by the other side. */
  get swallows() {
    return this.#rule.pass === "swallow";
  }

  change(rule) {
    this.#rule = { ...this.#rule, ...rule };
    this.#pump();
  }

  #arrive(bytes) {
    this.#queue.push({ bytes, due: performance.now() + this.#rule.delay_ms });
    this.#queued += bytes?.length ?? 0;
    if (this.#queued > HIGH_WATER) this.#source.pause();
    this.#pump();
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#queue.length > 0 && this.#rule.pass !== "stall" && !this.#sink.writableNeedDrain) {
      const wait = this.#queue[0].due - performance.now();
      if (wait > 0) await setTimeout(wait);
      else await this.#step();
    }
    this.#pumping = false;
  }

  async #step() {
    if (this.swallows) return this.#swallow();
    if (this.#queue[0].bytes === null) {
      this.#queue.shift();
      this.#sink.end();
      return;
    }
    const { after, bytes_per_second: rate } = this.#rule;
    const bytes = this.#take(this.#stepSize());
    if (this.#corrupts && bytes.length > 0) {
      bytes[0] ^= 1;
      this.#corrupts = false;
    }
    if (bytes.length > 0) await this.#write(bytes);
    if (after !== null) this.#count(after, bytes.length);
    if (rate > 0) await setTimeout((bytes.length * 1000) / rate);
    else if (this.#rule.piece > 0) await setImmediate();
  }

  #stepSize() {
    const { piece, bytes_per_second: rate, after } = this.#rule;
    // A hundredth of a second's worth keeps a slow line smooth.
    const limits = [piece, rate > 0 ? Math.max(1, Math.floor(rate / 100)) : 0].filter((limit) => limit > 0);
    return Math.min(this.#queue[0].bytes.length, after?.bytes ?? Infinity, ...limits);
  }

  #take(length) {
    const head = this.#queue[0];
    const taken = head.bytes.subarray(0, length);
    head.bytes = head.bytes.subarray(length);
    if (head.bytes.length === 0) this.#queue.shift();
    this.#release(length);
    return taken;
  }

  #swallow() {
    const { bytes } = this.#queue.shift();
    if (bytes === null) {
      // The source is gone, and nobody else will hear of it.
      this.#source.end();
      return;
    }
    this.#swallowed += bytes.length;
    this.#release(bytes.length);
  }

  #release(length) {
    this.#queued -= length;
    if (this.#queued <= HIGH_WATER) this.#source.resume();
  }

  /** Writes, and waits until the kernel has the bytes: what follows must not overtake them. */
  async #write(bytes) {
    this.#passed += bytes.length;
    if (this.#sink.destroyed || this.#sink.writableEnded) return;
    const { promise, resolve } = withResolvers();
    this.#sink.write(bytes, resolve);
    await promise;
  }

  #count(after, length) {
    // Changed while the bytes were written: the new count has not begun.
    if (this.#rule.after !== after) return;
    const bytes = after.bytes - length;
    if (bytes > 0) {
      this.#rule.after = { ...after, bytes };
      return;
    }
    this.#rule.after = null;
    if (after.then === "swallow") this.#rule.pass = "swallow";
    else if (after.then === "corrupt") this.#corrupts = true;
    else this.#onFault(after.then);
  }
}

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve) => (parts.resolve = resolve));
  return parts;
}

module.exports = { Direction, FORWARD };
