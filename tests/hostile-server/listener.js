// A listening port, and the connections that were made to it.
"use strict";

const { once } = require("node:events");
const fs = require("node:fs");
const net = require("node:net");
const tls = require("node:tls");
const { Connection } = require("./connection.js");
const { Scripts } = require("./scripts.js");

class Listener {
  scripts = new Scripts();
  #server;
  #connections = [];

  /** Speaks TLS if it has a certificate, from a file in PEM, and its key. */
  constructor(certificate, key) {
    const take = (socket) => this.#connections.push(new Connection(socket, this.scripts));
    if (certificate === undefined) {
      this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, take);
      return;
    }
    this.#server = tls.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, take);
    // A client that refuses the certificate.
    this.#server.on("tlsClientError", () => {});
  }

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this.#server.address().port;
  }

  /** How many connections were made, and how many text messages came on all of them. */
  status() {
    const texts = this.#connections.reduce((total, connection) => total + connection.textCount, 0);
    return { connections: this.#connections.length, texts };
  }

  end() {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }
}

module.exports = { Listener };
