// A process that a test drives (see ../README.md): it listens for control connections, each of which has a session of
// its own and sends commands, one JSON object a line, each answered by one line. It ends with its standard input.
"use strict";

const net = require("node:net");
const readline = require("node:readline");
const { parseArgs } = require("node:util");

/**
 * Listens on `--port`, or a free one. Each connection gets a `new Session()`: the methods with these names can be asked
 * for and return what the answer holds, and `end()` is called when the connection is gone.
 */
function listen(Session, commands) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const listener = net.createServer({ noDelay: true }, (control) => serve(control, new Session(), new Set(commands)));
  listener.listen(Number(values.port), "127.0.0.1", () => {
    console.log(`listening on tcp://127.0.0.1:${listener.address().port}`);
  });
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
}

async function serve(control, session, commands) {
  control.on("error", () => {});
  try {
    for await (const line of readline.createInterface({ input: control })) {
      control.write(`${JSON.stringify(await answer(line, session, commands))}\n`);
    }
  } finally {
    await session.end();
  }
}

async function answer(line, session, commands) {
  try {
    const { do: command, ...parameters } = JSON.parse(line);
    if (!commands.has(command)) throw new Error(`there is no command ${command}`);
    return (await session[command](parameters)) ?? {};
  } catch (error) {
    return { error: error.message };
  }
}

module.exports = { listen };
