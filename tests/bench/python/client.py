"""python-socketio as a peer: its asyncio client, on aiohttp."""

import argparse
import asyncio
import json
import math
import sys
import time

import socketio


class Peer:
    def __init__(self, options):
        self.options = options
        if options.payload:
            with open(options.payload, encoding="utf-8") as file:
                self.event = json.load(file)
        else:
            self.event = ["blob", b"\xa5" * (64 * 1024)]
        self.left = 0
        self.done = asyncio.Event()

    async def receive(self):
        socket = await self.open()
        socket.on(self.event[0], self.count_down)
        await self.burst(socket, math.ceil(self.options.count / 10))
        self.report(await self.timed(self.burst(socket, self.options.count)))
        await socket.disconnect()

    async def send(self):
        socket = await self.open()
        await self.emit_all(socket, math.ceil(self.options.count / 10))
        self.report(await self.timed(self.emit_all(socket, self.options.count)))
        await socket.disconnect()

    async def ack(self):
        socket = await self.open()
        times = []
        for i in range(-50, self.options.count):
            start = time.perf_counter()
            await socket.call("echo", i)
            if i >= 0:
                times.append((time.perf_counter() - start) * 1e6)
        self.report(self.quantiles("ack", times))
        await socket.disconnect()

    async def connect(self):
        times = []
        for i in range(-2, self.options.count):
            start = time.perf_counter()
            socket = await self.open()
            if i >= 0:
                times.append((time.perf_counter() - start) * 1e6)
            await socket.disconnect()
        self.report(self.quantiles("connect", times))

    async def idle(self):
        await self.stay_open(1)

    async def clients(self):
        await self.stay_open(self.options.count)

    async def stay_open(self, wanted):
        sockets = [await self.open() for _ in range(wanted)]
        self.report({"ready": 1})
        # A read of stdin would need a thread of its own.
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
        await ended.wait()
        asyncio.get_running_loop().remove_reader(sys.stdin)
        for socket in sockets:
            await socket.disconnect()

    async def burst(self, socket, size):
        self.left = size
        self.done.clear()
        await socket.emit("burst", (self.options.kind, size))
        await self.done.wait()

    def count_down(self, *_):
        self.left -= 1
        if self.left == 0:
            self.done.set()

    async def emit_all(self, socket, size):
        data = tuple(self.event[1:])
        for _ in range(size):
            await socket.emit("sink", data)
        counted = await socket.call("total", timeout=60)
        if counted != size:
            sys.exit(f"the server has counted {counted} of {size}")

    async def open(self):
        socket = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        await socket.connect(self.options.url, transports=["websocket"])
        return socket

    async def timed(self, work):
        cpu, start = time.process_time(), time.perf_counter()
        await work
        count = self.options.count
        return {
            "events_per_second": count / (time.perf_counter() - start),
            "cpu_usec": (time.process_time() - cpu) * 1e6 / count,
        }

    @staticmethod
    def quantiles(name, times):
        times.sort()
        return {
            f"{name}_p50_usec": times[int(0.5 * (len(times) - 1))],
            f"{name}_p99_usec": times[int(0.99 * (len(times) - 1))],
        }

    @staticmethod
    def report(figures):
        print(json.dumps(figures), flush=True)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--kind", default="")
    parser.add_argument("--payload", default="")
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    await getattr(Peer(options), options.task)()


asyncio.run(main())
