// One connection through the proxy: a socket to the client, one to the server, and what happens between them.
"use strict";

const net = require("node:net");
const { Direction } = require("./direction.js");

/** How long a peer may take to close after a cut. */
const LINGER_MS = 2000;

class Link {
  #client;
  #server;
  #directions;

  constructor(client, target) {
    this.#client = client;
    this.#server = net.connect({ port: target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const fault = (kind) => (kind === "cut" ? this.cut() : this.reset());
    this.#directions = {
      to_server: new Direction(this.#client, this.#server, fault),
      to_client: new Direction(this.#server, this.#client, fault),
    };
    this.#passOnFailure(this.#client, this.#server, this.#directions.to_server);
    this.#passOnFailure(this.#server, this.#client, this.#directions.to_client);
  }

  /** Whether neither the client's nor the server's connection is there any more. */
  get isOver() {
    return this.#client.closed && this.#server.closed;
  }

  /** The connections that are there, and the bytes of each direction. */
  get counts() {
    const { to_client, to_server } = this.#directions;
    return {
      open_to_client: Number(!this.#client.closed),
      open_to_server: Number(!this.#server.closed),
      bytes_to_client: to_client.counts.passed,
      bytes_to_server: to_server.counts.passed,
      swallowed_to_client: to_client.counts.swallowed,
      swallowed_to_server: to_server.counts.swallowed,
    };
  }

  /** Changes the rule of "to_client", "to_server" or "both". */
  change(direction, rule) {
    for (const name of directionNames(direction)) this.#directions[name].change(rule);
  }

  /** Ends the connection to the "client", the "server" or "both" with FIN. What is on the way is lost. */
  cut(side = "both") {
    this.change("both", { pass: "swallow", after: null });
    for (const socket of this.#sockets(side)) {
      if (socket.writableEnded) continue;
      socket.end();
      // Unread bytes would turn the FIN into a reset.
      socket.resume();
      const linger = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once("close", () => clearTimeout(linger));
    }
  }

  /** Ends the connection to the "client", the "server" or "both" with RST. */
  reset(side = "both") {
    this.change("both", { pass: "swallow", after: null });
    for (const socket of this.#sockets(side)) socket.resetAndDestroy();
  }

  /** Ends both without ceremony. */
  destroy() {
    this.#client.destroy();
    this.#server.destroy();
  }

  #sockets(side) {
    const sockets = { client: [this.#client], server: [this.#server], both: [this.#client, this.#server] }[side];
    if (sockets === undefined) throw new Error(`there is no side ${side}`);
    return sockets;
  }

  #passOnFailure(socket, other, direction) {
    socket.on("error", () => {
      if (!direction.swallows) other.resetAndDestroy();
    });
  }
}

function directionNames(direction) {
  const names = { to_client: ["to_client"], to_server: ["to_server"], both: ["to_client", "to_server"] }[direction];
  if (names === undefined) throw new Error(`there is no direction ${direction}`);
  return names;
}

module.exports = { Link };
