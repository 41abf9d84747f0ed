// The demo's server: a room at "/", a chat at "/chat", private rooms at "/private". Run it with:
// npm install && node server.js [port]
// rust/demo-server is the same server in Rust; its src/demo.rs lists the events.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer().listen(process.argv[2] ?? 3000, "127.0.0.1");
http.on("listening", () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
const io = new Server(http);
const [room, chat, privately] = [io.of("/"), io.of("/chat"), io.of("/private")];
const lines = [];
const lastNumbers = new Map(); // of each player's lines, by the player's id
const isKnown = ({ id, name, color }) => [id, name, color].every((part) => typeof part === "string");
const clamp = (value, high) => Math.min(Math.max(value, 0), high);

// Who moves is told to all players together, at most 20 times a second. Each message has the places of everybody, so only
// the newest counts.
let placesTimer;
const tellPlaces = () => {
  placesTimer = undefined;
  const players = [...room.sockets.values()].map((socket) => socket.data.player).filter(Boolean);
  room.to("players").emit("places", Object.fromEntries(players.map(({ id, x, y }) => [id, [x, y]])));
};

room.on("connection", (socket) => {
  const { data } = socket;
  const others = socket.to("players");
  socket.on("join", ({ id, name, color, x = 180 + 540 * Math.random(), y = 170 + 220 * Math.random() }, ack) => {
    const joined = [...room.sockets.values()].filter((other) => other.data.player && other !== socket);
    // Whoever comes back takes the place of the own lost connection, if the server has not noticed its end yet.
    const isGhost = (other) => other.data.player.id === id;
    for (const ghost of joined.filter(isGhost)) { ghost.leave("players"); ghost.disconnect(true); }
    const present = joined.filter((other) => !isGhost(other));
    data.player = { id, name: name.slice(0, 16), color, x: clamp(x, 896), y: clamp(y, 560) };
    ack({ you: data.player, players: present.map((other) => other.data.player) });
    for (const { data } of present) if (data.picture) socket.emit("player_picture", data.player.id, data.picture);
    socket.join("players");
    others.emit("player_joined", data.player);
  });
  socket.on("move", (x, y) => {
    if (!data.player) return;
    Object.assign(data.player, { x: clamp(x, 896), y: clamp(y, 560) });
    placesTimer ??= setTimeout(tellPlaces, 50);
  });
  socket.on("picture", (bytes, ack) => {
    if (!data.player || bytes.length > 256 * 1024) return ack(null);
    ack((data.picture = bytes));
    others.emit("player_picture", data.player.id, bytes);
  });
  socket.on("roll", (sides, ack) => {
    const number = 1 + Math.floor(Math.random() * Math.max(sides, 1));
    ack(number);
    if (data.player) others.emit("player_rolled", data.player.id, number);
  });
  socket.on("ready_check", async (ack) => {
    const answers = room.to("players").timeout(3000).emitWithAck("are_you_ready");
    ack(await answers.catch((late) => late.responses), (await room.in("players").fetchSockets()).length);
  });
  // At "disconnecting", the socket still is in its rooms: a ghost has left this one already.
  socket.on("disconnecting", () => socket.rooms.has("players") && others.emit("player_left", data.player.id));
});

chat.use(({ data, handshake: { auth } }, next) => {
  data.player = auth;
  next(isKnown(auth) ? undefined : new Error("the chat wants to know who you are: the auth {id, name, color}"));
});
chat.on("connection", (socket) => {
  const { id: player, name, color } = socket.data.player;
  const lastNumber = () => lastNumbers.get(player) ?? 0;
  socket.on("catch_up", (heard, ack) => {
    ack(lines.filter((line) => line.number > (heard[line.player] ?? 0)), lastNumber());
  });
  socket.on("say", (number, text, ack) => {
    // A line that has come before is a repetition, and one that comes too early is said again in its turn.
    if (number > lastNumber() + 1) return ack(null);
    if (number === lastNumber() + 1) {
      const line = { player, name: name.slice(0, 16), color, number, text: text.slice(0, 200) };
      lastNumbers.set(player, number);
      if (lines.push(line) > 1000) lines.shift();
      socket.broadcast.emit("said", line);
    }
    ack(chat.sockets.size - 1);
  });
});

// Those who have said the same word are in a room of their own. Each socket is also in a room of its own id, which no word
// may be.
privately.use(({ data, handshake: { auth } }, next) => {
  data.player = auth;
  const knows = isKnown(auth) && typeof auth.word === "string" && auth.word !== "";
  next(knows ? undefined : new Error(
    "a private room wants to know who you are, and the word: the auth {id, name, color, word}"));
});
privately.on("connection", (socket) => {
  const { name, color, word } = socket.data.player;
  const inside = `word ${word}`;
  const members = async () => {
    const sockets = await privately.in(inside).fetchSockets();
    return sockets.map(({ data }) => data.player.name.slice(0, 16)).sort();
  };
  const tellMembers = async () => privately.to(inside).emit("members", await members());
  socket.join(inside);
  tellMembers();
  socket.on("say", async (text, ack) => {
    socket.to(inside).emit("said", { name: name.slice(0, 16), color, text: text.slice(0, 200) });
    ack((await members()).length - 1);
  });
  socket.on("disconnect", tellMembers);
});
