// The demo's server: a room at "/" and a chat at "/chat". Run it with: npm install && node server.js [port]
// rust/demo-server is the same server in Rust; its src/demo.rs lists the events.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer().listen(process.argv[2] ?? 3000, "127.0.0.1");
http.on("listening", () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
const io = new Server(http);
const [room, chat] = [io.of("/"), io.of("/chat")];
const lines = [];
const clamp = (value, high) => Math.min(Math.max(value, 0), high);

room.on("connection", (socket) => {
  const { id, data } = socket;
  const others = socket.to("players");
  socket.on("join", ({ name, color }, ack) => {
    const joined = [...room.sockets.values()].filter((other) => other.data.player && other !== socket);
    const [x, y] = [180 + 540 * Math.random(), 170 + 220 * Math.random()];
    data.player = { id, name: name.slice(0, 16), color, x, y };
    ack({ you: data.player, players: joined.map((other) => other.data.player) });
    for (const { id, data } of joined) if (data.picture) socket.emit("player_picture", id, data.picture);
    socket.join("players");
    others.emit("player_joined", data.player);
  });
  socket.on("move", (x, y) => {
    const player = Object.assign(data.player ?? {}, { x: clamp(x, 896), y: clamp(y, 560) });
    if (data.player) others.emit("player_moved", id, player.x, player.y);
  });
  socket.on("picture", (bytes, ack) => {
    if (!data.player || bytes.length > 256 * 1024) return ack(null);
    ack((data.picture = bytes));
    others.emit("player_picture", id, bytes);
  });
  socket.on("roll", (sides, ack) => {
    const number = 1 + Math.floor(Math.random() * Math.max(sides, 1));
    ack(number);
    others.emit("player_rolled", id, number);
  });
  socket.on("ready_check", async (ack) => {
    const answers = room.to("players").timeout(3000).emitWithAck("are_you_ready");
    ack(await answers.catch((late) => late.responses), (await room.in("players").fetchSockets()).length);
  });
  socket.on("disconnect", () => data.player && others.emit("player_left", id));
});

chat.use(({ conn, data, handshake }, next) => {
  const joined = room.sockets.get(handshake.auth.player);
  data.player = joined?.conn === conn && joined.data.player;
  next(data.player ? undefined : new Error("join the room first"));
});
chat.on("connection", (socket) => {
  const { id: player, name, color } = socket.data.player;
  socket.on("say", (text, ack) => {
    const line = { player, name, color, text: text.slice(0, 200) };
    if (lines.push(line) > 100) lines.shift();
    socket.broadcast.emit("said", line);
    ack(chat.sockets.size - 1);
  });
  socket.on("history", (count, ack) => ack(count > 0 ? lines.slice(-count) : []));
});
