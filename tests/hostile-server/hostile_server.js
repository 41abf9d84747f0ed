// A server that sends any bytes (see ../README.md): listens for control connections, each of which owns a listener
// and says what its clients get.
"use strict";

const net = require("node:net");
const readline = require("node:readline");
const { parseArgs } = require("node:util");
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

const COMMANDS = new Set(["listen", "play", "status"]);

async function serve(control) {
  const session = new Session();
  control.on("error", () => {});
  try {
    for await (const line of readline.createInterface({ input: control })) {
      control.write(`${JSON.stringify(await answer(session, line))}\n`);
    }
  } finally {
    session.end();
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
const listener = net.createServer({ noDelay: true }, serve);
listener.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on tcp://127.0.0.1:${listener.address().port}`);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
