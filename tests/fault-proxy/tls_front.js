// What speaks TLS before a server that does not, with a certificate that can change from one connection to the next.
"use strict";

const { once } = require("node:events");
const fs = require("node:fs");
const net = require("node:net");
const tls = require("node:tls");

class TlsFront {
  #target;
  #listener = null;
  /** Those of the next connections; the last one stays. */
  #contexts = [];
  #sockets = new Set();
  #secured = 0;
  #refused = 0;

  constructor(target) {
    this.#target = target;
  }

  /** Returns the port. */
  async listen() {
    this.#listener = net.createServer({ noDelay: true }, (client) => this.#secure(client));
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
    return this.#listener.address().port;
  }

  /** Shows these certificates, `{key, certificate}` as files, to the next connections: the last one to all after. With
   * `maxVersion` no newer TLS is spoken, and the ciphers of old ones are allowed. */
  present(certificates, maxVersion) {
    if (certificates.length === 0) throw new Error("a certificate is needed");
    const old = maxVersion === undefined ? {} : { minVersion: "TLSv1", maxVersion, ciphers: "ALL:@SECLEVEL=0" };
    this.#contexts = certificates.map(({ key, certificate }) =>
      tls.createSecureContext({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate), ...old }),
    );
  }

  /** The connections whose client has taken the certificate, and those that ended before. */
  get status() {
    return { tls_secured: this.#secured, tls_refused: this.#refused };
  }

  end() {
    this.#listener?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #secure(client) {
    const secureContext = this.#contexts.length > 1 ? this.#contexts.shift() : this.#contexts[0];
    const secured = new tls.TLSSocket(client, { isServer: true, secureContext });
    this.#keep(secured);
    const count = { done: false };
    secured.once("secure", () => {
      count.done = true;
      this.#secured += 1;
      this.#join(secured);
    });
    client.once("close", () => {
      if (!count.done) this.#refused += 1;
    });
  }

  #join(secured) {
    const server = net.connect({ port: this.#target, host: "127.0.0.1", noDelay: true });
    this.#keep(server);
    secured.pipe(server).pipe(secured);
    secured.once("close", () => server.destroy());
    server.once("close", () => secured.destroy());
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

module.exports = { TlsFront };
