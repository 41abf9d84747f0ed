// Network faults on demand (see ../README.md): listens for control connections, each of which owns a proxy.
"use strict";

const net = require("node:net");
const readline = require("node:readline");
const { parseArgs } = require("node:util");
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

const COMMANDS = new Set([
  "listen", "accept", "refuse", "cut", "reset", "rule", "status", "present", "start_server", "kill_server",
]);

async function serve(control) {
  const session = new Session();
  control.on("error", () => {});
  try {
    for await (const line of readline.createInterface({ input: control })) {
      control.write(`${JSON.stringify(await answer(session, line))}\n`);
    }
  } finally {
    await session.end();
  }
}

async function answer(session, line) {
  try {
    const { do: command, ...parameters } = JSON.parse(line);
    if (!COMMANDS.has(command)) throw new Error(`there is no command ${command}`);
    return (await session[command](parameters)) ?? {};
  } catch (error) {
    return { error: error.message };
  }
}

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const listener = net.createServer(serve);
listener.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on tcp://127.0.0.1:${listener.address().port}`);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
