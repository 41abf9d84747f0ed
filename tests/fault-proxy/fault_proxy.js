// Network faults on demand (see ../README.md): listens for control connections, each of which owns a proxy.
"use strict";

const { listen } = require("../control-port/control_port.js");
const { Proxy } = require("./proxy.js");
const { ServerProcess } = require("./server_process.js");
const { TlsFront } = require("./tls_front.js");

/** What a control connection can ask for. Each returns what the answer holds. */
class Session {
  #proxy = null;
  #front = null;
  #server = new ServerProcess();

  /** With certificates the connections are TLS, which ends behind the proxy: the faults are those of a network. */
  async listen({ target, certificates = null }) {
    if (this.#proxy !== null) throw new Error("this connection has its proxy");
    if (certificates !== null) {
      this.#front = new TlsFront(target);
      this.#front.present(certificates);
    }
    this.#proxy = new Proxy((await this.#front?.listen()) ?? target);
    await this.#proxy.accept();
    return { port: this.#proxy.port };
  }

  async present({ certificates, max_version: maxVersion }) {
    if (this.#front === null) throw new Error("this connection has no TLS");
    this.#front.present(certificates, maxVersion);
  }

  async accept() {
    await this.#listening.accept();
  }

  async refuse() {
    await this.#listening.refuse();
  }

  async cut({ side }) {
    this.#listening.cut(side);
  }

  async reset({ side }) {
    this.#listening.reset(side);
  }

  async rule({ scope, direction, rule }) {
    this.#listening.change(scope, direction, rule);
  }

  async status() {
    return { ...this.#listening.status(), ...this.#front?.status };
  }

  async start_server() {
    return { port: await this.#server.start() };
  }

  async kill_server() {
    await this.#server.kill();
  }

  async end() {
    await this.#proxy?.end();
    this.#front?.end();
    await this.#server.kill();
  }

  get #listening() {
    if (this.#proxy === null) throw new Error("`listen` comes first");
    return this.#proxy;
  }
}

listen(Session, [
  "listen", "accept", "refuse", "cut", "reset", "rule", "status", "present", "start_server", "kill_server",
]);
