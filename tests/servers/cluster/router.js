// The way to the servers of a cluster: what belongs to a session goes to its server, and new sessions to each in turn.
"use strict";

const net = require("node:net");
const { pipeline } = require("node:stream");

// A server's session ids begin with the id of the server.
const SESSION_OF = /[?&]sid=(\d+)-/;

// Of two connections that are made one after the other, each comes to another server.
function createRouter(portOf) {
  let turn = 0;

  function choosePort(request) {
    const id = Number(SESSION_OF.exec(request)?.[1]);
    const ports = [...portOf.values()];
    return portOf.get(id) ?? ports[turn++ % ports.length];
  }

  return net.createServer({ noDelay: true }, (client) => {
    let head = Buffer.alloc(0);
    client.on("error", () => {});
    client.on("data", function read(chunk) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n");
      if (end < 0) return;
      client.off("data", read).pause().unshift(head);
      const port = choosePort(head.toString("latin1", 0, end));
      if (port === undefined) return client.destroy();
      // When one side ends or fails, so does the other.
      pipeline(client, net.connect({ port, host: "127.0.0.1", noDelay: true }), client, () => {});
    });
  });
}

module.exports = { createRouter };
