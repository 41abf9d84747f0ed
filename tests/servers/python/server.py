"""The scenario contract (see ../CONTRACT.md) on python-socketio."""

import argparse
import asyncio
import socket
import sys
import threading
from collections import defaultdict
from urllib.parse import parse_qsl

import socketio
import uvicorn
from socketio.exceptions import ConnectionRefusedError

BYTES = bytes([0, 1, 2, 254, 255])
NO_ANSWER_AFTER = 0.5
CONNECT_DELAY = 0.3

TYPES = (
    None, True, False, 0, -1, 2147483648, 9007199254740991, -9007199254740991, 0.1, -2.5, 1e300, 5e-324,
    "", "text", "h\u00e9llo", "\U0001f600\U0001f468\u200d\U0001f680", "a\u0000b", '"\\\n\t/',
    [], {}, [[]], {"a": {}}, [[[[[[[[[["bottom"]]]]]]]]]], {"z": 1, "a": 2, "m": 3},
)

memory = defaultdict(list)
ends = {}


class Scenario(socketio.AsyncNamespace):
    """The events, which are the same in every namespace.

    What a handler returns is the acknowledgement.
    """

    def __init__(self, namespace):
        super().__init__(namespace)
        self.auth = {}
        self.environ = {}

    async def on_connect(self, sid, environ, auth):
        self.auth[sid] = auth
        self.environ[sid] = environ

    async def on_disconnect(self, sid, reason):
        self.auth.pop(sid, None)
        self.environ.pop(sid, None)
        left = reason == self.server.reason.CLIENT_DISCONNECT
        ends[sid] = "packet" if left else "connection"

    async def on_echo(self, sid, *args):
        await self.emit("echo", args, to=sid)

    async def on_echo_ack(self, sid, *args):
        return args

    async def on_(self, sid, *args):
        return args

    async def on_ack_empty(self, sid):
        return ()

    async def on_ack_never(self, sid):
        return self.server.not_handled

    async def on_ack_delayed(self, sid, ms, *args):
        await asyncio.sleep(ms / 1000)
        return args

    async def on_ask(self, sid, *args):
        answered = asyncio.get_running_loop().create_future()

        def answer(*values):
            if not answered.done():
                answered.set_result(values)

        await self.emit("question", args, to=sid, callback=answer)
        try:
            values = await asyncio.wait_for(answered, NO_ANSWER_AFTER)
        except asyncio.TimeoutError:
            await self.emit("no_answer", (), to=sid)
        else:
            await self.emit("answer", values, to=sid)

    async def on_emit_named(self, sid, name, *args):
        await self.emit(name, args, to=sid)

    async def on_types(self, sid):
        await self.emit("types", TYPES, to=sid)

    async def on_int64(self, sid):
        await self.emit("int64", (2**63 - 1, -(2**63), 2**53 + 1), to=sid)

    async def on_surrogates(self, sid):
        await self.emit("surrogates", ("a\ud800b", "\udc00"), to=sid)

    async def on_binary(self, sid):
        deep = {"name": "deep", "levels": {"a": [{"b": BYTES}]}}
        await self.emit("binary", (deep, b"", "end", [BYTES, BYTES]), to=sid)

    async def on_many_attachments(self, sid, count):
        await self.emit("many_attachments", tuple(bytes([i]) for i in range(count)), to=sid)

    async def on_burst(self, sid, count):
        for i in range(count):
            await self.emit("burst", i, to=sid)

    async def on_auth(self, sid):
        return (self.auth[sid] or None,)

    async def on_handshake(self, sid):
        scope = self.environ[sid]["asgi.scope"]
        return {
            "path": scope["path"],
            "query": dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            "headers": {name.decode().lower(): value.decode() for name, value in scope["headers"]},
        }

    async def on_whoami(self, sid):
        return sid

    async def on_remember(self, sid, key, *args):
        memory[key].append(args)

    async def on_recall(self, sid, key):
        return memory[key]

    async def on_is_connected(self, sid, other):
        return self.server.manager.is_connected(other, self.namespace)

    async def on_end_of(self, sid, other):
        return (ends.get(other),)

    async def on_leave_me(self, sid):
        await self.emit("goodbye", (), to=sid)
        await self.disconnect(sid)

    async def on_drop_me(self, sid):
        await self.emit("goodbye", (), to=sid)
        manager = self.server.manager
        connection = manager.eio_sid_from_sid(sid, self.namespace)
        for namespace in list(manager.get_namespaces()):
            member = manager.sid_from_eio_sid(connection, namespace)
            if member is not None:
                await self.server.disconnect(member, namespace)
        await self.server.eio.disconnect(connection)

    async def on_close_me(self, sid):
        await self.server.eio.disconnect(self.server.manager.eio_sid_from_sid(sid, self.namespace))


class Main(Scenario):
    """Refuses who asks for it."""

    async def on_connect(self, sid, environ, auth):
        if auth and auth.get("refuse"):
            raise ConnectionRefusedError("unauthorised")
        await super().on_connect(sid, environ, auth)


class Chat(Scenario):
    """Greets whoever joins. The greeting follows the CONNECT packet, so it waits until the join is done."""

    async def on_connect(self, sid, environ, auth):
        await super().on_connect(sid, environ, auth)
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self.emit("welcome", sid, to=sid)))


class Slow(Scenario):
    """Answers CONNECT late."""

    async def on_connect(self, sid, environ, auth):
        await asyncio.sleep(CONNECT_DELAY)
        await super().on_connect(sid, environ, auth)


class Admin(Scenario):
    """Refuses everybody without the token."""

    async def on_connect(self, sid, environ, auth):
        if not auth or auth.get("token") != "secret":
            raise ConnectionRefusedError("unauthorised", {"code": 401, "hint": "send a token"})
        await super().on_connect(sid, environ, auth)


def scenario_server(transport, **options):
    transports = [transport] if transport else None
    server = socketio.AsyncServer(
        async_mode="asgi", max_http_buffer_size=4 * 1024 * 1024, transports=transports, **options
    )
    for namespace in (Main("/"), Chat("/chat"), Slow("/slow"), Admin("/admin")):
        server.register_namespace(namespace)
    return server


def application(transport):
    fast = scenario_server(transport, ping_interval=1, ping_timeout=0.5)
    return socketio.ASGIApp(
        scenario_server(transport),
        other_asgi_app=socketio.ASGIApp(fast, socketio_path="/fast/socket.io/"),
    )


async def serve(port, transport):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()

    config = uvicorn.Config(application(transport), ws="wsproto", log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()

    def end_with_stdin():
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)

    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await server.serve(sockets=[listener])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--transport", choices=["polling", "websocket"])
    arguments = arguments.parse_args()
    asyncio.run(serve(arguments.port, arguments.transport))


if __name__ == "__main__":
    main()
