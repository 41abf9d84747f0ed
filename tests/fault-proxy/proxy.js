// A listening port whose connections go to a server, and the faults that are made on them.
"use strict";

const { once } = require("node:events");
const net = require("node:net");
const { FORWARD } = require("./direction.js");
const { Link } = require("./link.js");

class Proxy {
  #target;
  #port = 0;
  #listener = null;
  #made = 0;
  #links = [];
  /** What the links that are over have counted. */
  #past = {};
  /** Rules for every connection to come, and for the next one only: `{direction, rule}`. */
  #rules = [];
  #nextRules = [];

  constructor(target) {
    this.#target = target;
  }

  get port() {
    return this.#port;
  }

  /** Listens, always on the same port. */
  async accept() {
    if (this.#listener !== null) return;
    const listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#connect(client));
    this.#listener = listener;
    listener.listen(this.#port, "127.0.0.1");
    await once(listener, "listening");
    this.#port = listener.address().port;
  }

  /** Stops listening. Connections that are open stay. */
  async refuse() {
    if (this.#listener === null) return;
    // `close` also waits for the connections to end; the port is free at once.
    this.#listener.close();
    this.#listener = null;
  }

  cut(side) {
    this.#each((link) => link.cut(side));
  }

  reset(side) {
    this.#each((link) => link.reset(side));
  }

  /** Changes the rule for connections that are "open", for the "next" one, or for "all", now and later. */
  change(scope, direction, rule) {
    check(rule);
    if (scope === "next") this.#nextRules.push({ direction, rule });
    else if (scope === "open" || scope === "all") this.#each((link) => link.change(direction, rule));
    else throw new Error(`there is no scope ${scope}`);
    if (scope === "all") this.#rules.push({ direction, rule });
  }

  /** Connections made and open, and bytes each way. */
  status() {
    this.#retire();
    return { made: this.#made, ...this.#links.map((link) => link.counts).reduce(sum, this.#past) };
  }

  async end() {
    await this.refuse();
    this.#each((link) => link.destroy());
  }

  #connect(client) {
    const link = new Link(client, this.#target);
    for (const { direction, rule } of [...this.#rules, ...this.#nextRules]) link.change(direction, rule);
    this.#nextRules = [];
    this.#links.push(link);
    this.#made += 1;
  }

  #each(change) {
    this.#retire();
    for (const link of this.#links) change(link);
  }

  #retire() {
    const over = this.#links.filter((link) => link.isOver);
    this.#past = over.map((link) => link.counts).reduce(sum, this.#past);
    this.#links = this.#links.filter((link) => !over.includes(link));
  }
}

function sum(total, counts) {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, (total[name] ?? 0) + count]));
}

function check(rule) {
  for (const name of Object.keys(rule)) {
    if (!(name in FORWARD)) throw new Error(`a rule has no ${name}`);
  }
}

module.exports = { Proxy };
