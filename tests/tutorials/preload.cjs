// Comes before a server of a tutorial: the server gets a free port of the loopback interface in place of the one that it
// asks for, says which, and ends with its standard input.
"use strict";

const net = require("node:net");

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...args) {
  const callback = args.find((arg) => typeof arg === "function");
  this.once("listening", () => console.log(`listening on http://127.0.0.1:${this.address().port}`));
  return listen.call(this, { port: 0, host: "127.0.0.1" }, callback);
};

process.stdin.on("end", () => process.exit(0)).resume();
