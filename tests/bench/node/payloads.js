// What the servers send: the workloads that the benchmark has written to a folder, and binary data.
"use strict";

const fs = require("fs");
const path = require("path");

const BINARY = "binary";
const BINARY_SIZE = 64 * 1024;
// Of this workload each event has keys that no event before it had.
const NEVER_SEEN = "never_seen_keys";

// Returns a function that makes the event of a number: an array with its name and its arguments.
function events(folder, kind) {
  if (kind === BINARY) {
    const data = Buffer.alloc(BINARY_SIZE, 0xa5);
    return () => ["blob", data];
  }
  const text = fs.readFileSync(path.join(folder, `${kind}.json`), "utf8");
  if (kind === NEVER_SEEN) {
    return (number) => JSON.parse(text.replaceAll("#", number.toString(36)));
  }
  const event = JSON.parse(text);
  return () => event;
}

module.exports = { BINARY, NEVER_SEEN, events };
