// What the clients of a listener get, and when.
"use strict";

/**
 * When a script is played: as soon as a client is connected, in place of everything else, or for a request of this
 * kind.
 */
const OCCASIONS = ["connect", "upgrade", "get", "post"];

/** What a request gets for which there is no script. */
const DEFAULTS = {
  // What the official server says where it has no WebSocket: the client goes on with long-polling.
  upgrade: [answer("400 Bad Request", '{"code":0,"message":"Transport unknown"}')],
  get: [answer("404 Not Found", "")],
  post: [answer("200 OK", "ok")],
};

class Scripts {
  #scripts = new Map(OCCASIONS.map((occasion) => [occasion, []]));

  add(occasion, steps) {
    const scripts = this.#scripts.get(occasion);
    if (scripts === undefined) throw new Error(`there is no occasion ${occasion}`);
    scripts.push(steps);
  }

  /** The next script, which is not played again unless it is the last one. */
  take(occasion) {
    const scripts = this.#scripts.get(occasion);
    return scripts.length > 1 ? scripts.shift() : (scripts[0] ?? DEFAULTS[occasion]);
  }
}

function answer(status, body) {
  const text = `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return { do: "write", base64: Buffer.from(text).toString("base64"), times: 1 };
}

module.exports = { Scripts };
