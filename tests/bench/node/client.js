// The official JavaScript client as a peer.
"use strict";

const fs = require("fs");
const { io } = require("socket.io-client");
const { options } = require("./options");

const { task, url, kind, payload, count } = options({ task: "", url: "", kind: "", payload: "", count: 0 });
const event = payload ? JSON.parse(fs.readFileSync(payload, "utf8")) : ["blob", Buffer.alloc(64 * 1024, 0xa5)];

const tasks = { receive, send, ack, connect, idle, clients };

async function receive() {
  const socket = await open();
  let left = 0;
  let done = () => {};
  socket.on(event[0], () => {
    left -= 1;
    if (left === 0) done();
  });
  const burst = (size) =>
    new Promise((resolve) => {
      left = size;
      done = resolve;
      socket.emit("burst", kind, size);
    });
  await burst(Math.ceil(count / 10));
  report(await timed(() => burst(count)));
  socket.close();
}

async function send() {
  const socket = await open();
  const all = async (size) => {
    for (let i = 0; i < size; i++) socket.emit("sink", ...event.slice(1));
    const counted = await socket.emitWithAck("total");
    if (counted !== size) throw new Error(`the server has counted ${counted} of ${size}`);
  };
  await all(Math.ceil(count / 10));
  report(await timed(() => all(count)));
  socket.close();
}

async function ack() {
  const socket = await open();
  const times = [];
  for (let i = -50; i < count; i++) {
    const start = process.hrtime.bigint();
    await socket.emitWithAck("echo", i);
    if (i >= 0) times.push(microseconds(start));
  }
  report(quantiles("ack", times));
  socket.close();
}

async function connect() {
  const times = [];
  for (let i = -2; i < count; i++) {
    const start = process.hrtime.bigint();
    const socket = await open();
    if (i >= 0) times.push(microseconds(start));
    socket.close();
  }
  report(quantiles("connect", times));
}

async function idle() {
  await clients(1);
}

async function clients(wanted = count) {
  for (let i = 0; i < wanted; i++) await open();
  report({ ready: 1 });
  process.stdin.on("end", () => process.exit()).resume();
}

function open() {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(socket));
    socket.on("connect_error", reject);
  });
}

async function timed(work) {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await work();
  const seconds = microseconds(start) / 1e6;
  const { user, system } = process.cpuUsage(cpu);
  return { events_per_second: count / seconds, cpu_usec: (user + system) / count };
}

function microseconds(start) {
  return Number(process.hrtime.bigint() - start) / 1e3;
}

function quantiles(name, times) {
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.floor(part * (times.length - 1))];
  return { [`${name}_p50_usec`]: at(0.5), [`${name}_p99_usec`]: at(0.99) };
}

function report(figures) {
  console.log(JSON.stringify(figures));
}

tasks[task]();
