// The messages and pings in what a client sends on a WebSocket. A client of ours sends whole and correct frames.
"use strict";

const TEXT = 0x1;
const PING = 0x9;

class FrameReader {
  #onText;
  #onPing;
  #unread = Buffer.alloc(0);

  /** `onText(text)` is called for each text message, and `onPing(payload)` for each ping. */
  constructor(onText, onPing) {
    this.#onText = onText;
    this.#onPing = onPing;
  }

  feed(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    let frame;
    while ((frame = this.#take()) !== null) {
      if (frame.opcode === TEXT) this.#onText(frame.payload.toString());
      else if (frame.opcode === PING) this.#onPing(frame.payload);
    }
  }

  #take() {
    const bytes = this.#unread;
    if (bytes.length < 2) return null;
    const short = bytes[1] & 0x7f;
    const start = 2 + ({ 126: 2, 127: 8 }[short] ?? 0) + 4;
    if (bytes.length < start) return null;
    let length = short;
    if (short === 126) length = bytes.readUInt16BE(2);
    else if (short === 127) length = Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return null;
    const mask = bytes.subarray(start - 4, start);
    const payload = Buffer.from(bytes.subarray(start, start + length));
    for (let i = 0; i < length; i++) payload[i] ^= mask[i % 4];
    this.#unread = bytes.subarray(start + length);
    return { opcode: bytes[0] & 0x0f, payload };
  }
}

module.exports = { FrameReader };
