// A test server in a process of its own, which can be killed and started again on the same port.
"use strict";

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const readline = require("node:readline");

const SERVER = path.join(__dirname, "../servers/node/server.js");
const READY = /^listening on .*:(\d+)$/;

class ServerProcess {
  #port = 0;
  #child = null;

  /** Starts it, on the port that it had before. Returns the port. */
  async start() {
    if (this.#child !== null) throw new Error("the server is running");
    // Its stdin closes with this process, and it ends.
    const child = spawn(process.execPath, [SERVER, "--port", String(this.#port)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    for await (const line of readline.createInterface({ input: child.stdout })) {
      const [, port] = READY.exec(line) ?? [];
      if (port === undefined) continue;
      this.#port = Number(port);
      child.stdout.resume();
      return this.#port;
    }
    throw new Error("the server ended before it was ready");
  }

  /** Kills it, so that it can say goodbye to nobody. */
  async kill() {
    if (this.#child === null) return;
    const child = this.#child;
    this.#child = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

module.exports = { ServerProcess };
