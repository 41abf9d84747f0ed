// A server that sends any bytes (see ../README.md): listens for control connections, each of which owns a listener
// and says what its clients get.
"use strict";

const { listen } = require("../control-port/control_port.js");
const { Listener } = require("./listener.js");

/** What a control connection can ask for. Each returns what the answer holds. */
class Session {
  #listener = null;

  /** `{certificate, key}` are files in PEM, for a server that speaks TLS. */
  async listen({ certificate, key }) {
    if (this.#listener !== null) throw new Error("this connection has its listener");
    this.#listener = new Listener(certificate, key);
    return { port: await this.#listener.start() };
  }

  /** Adds steps for the next `occasion` that has none yet; see connection.js. */
  async play({ occasion, steps }) {
    this.#owned.scripts.add(occasion, steps);
  }

  async status() {
    return this.#owned.status();
  }

  end() {
    this.#listener?.end();
  }

  get #owned() {
    if (this.#listener === null) throw new Error("`listen` comes first");
    return this.#listener;
  }
}

listen(Session, ["listen", "play", "status"]);
