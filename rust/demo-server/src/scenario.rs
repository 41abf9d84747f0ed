//! The events that the integration tests ask for: the contract in `tests/servers/CONTRACT.md`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmpv::Value;
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use socketioxide::extract::{AckSender, Data, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::{DisconnectReason, Sid};
use socketioxide::{SendError, SocketError, SocketIo, SocketIoBuilder};
use tokio::time::sleep;

const MAX_PAYLOAD: u64 = 4 * 1024 * 1024;
/// Packets that may wait for a client: an ack that finds no room is lost.
const MAX_BUFFER: usize = 4096;
const CONNECT_DELAY: Duration = Duration::from_millis(300);
const NO_ANSWER_AFTER: Duration = Duration::from_millis(500);

const TYPES: &str = r#"[
    null, true, false, 0, -1, 2147483648, 9007199254740991, -9007199254740991, 0.1, -2.5, 1e300, 5e-324,
    "", "text", "h\u00e9llo", "\ud83d\ude00\ud83d\udc68\u200d\ud83d\ude80", "a\u0000b", "\"\\\n\t/",
    [], {}, [[]], {"a": {}}, [[[[[[[[[["bottom"]]]]]]]]]], {"z": 1, "a": 2, "m": 3}
]"#;
const BYTES: &[u8] = &[0, 1, 2, 254, 255];

/// A server that keeps what it is asked to remember, still without its events.
pub fn builder() -> SocketIoBuilder {
    SocketIo::builder().max_payload(MAX_PAYLOAD).max_buffer_size(MAX_BUFFER).with_state(Memory::default())
}

/// Registers the namespaces and events of the scenario on a server made by [`builder`].
pub fn register(io: &SocketIo) {
    io.ns("/", serve_events.with(refuse_on_demand));
    io.ns("/chat", welcome);
    io.ns("/slow", serve_events.with(answer_late));
    io.ns("/admin", serve_events.with(check_token));
}

/// What the server knows beyond the sockets that are connected.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Records>>);

#[derive(Default)]
struct Records {
    /// The arguments that `remember` was given, call by call, for each key.
    remembered: HashMap<String, Vec<Value>>,
    /// How each session ended.
    ends: HashMap<String, &'static str>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn welcome(socket: SocketRef, auth: TryData<Value>) {
    send(&socket, "welcome", &socket.id.to_string()).await;
    serve_events(socket, auth).await;
}

async fn answer_late() -> Result<(), Refusal> {
    sleep(CONNECT_DELAY).await;
    Ok(())
}

async fn refuse_on_demand(TryData(auth): TryData<Demand>) -> Result<(), Refusal> {
    match auth {
        Ok(Demand { refuse: true }) => Err(Refusal),
        _ => Ok(()),
    }
}

async fn check_token(TryData(auth): TryData<Admission>) -> Result<(), Refusal> {
    match auth {
        Ok(Admission { token }) if token == "secret" => Ok(()),
        _ => Err(Refusal),
    }
}

#[derive(Deserialize)]
struct Admission {
    token: String,
}

#[derive(Deserialize)]
struct Demand {
    refuse: bool,
}

struct Refusal;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unauthorised")
    }
}

async fn serve_events(socket: SocketRef, TryData(auth): TryData<Value>) {
    serve_echoes(&socket);
    serve_values(&socket);
    serve_questions(&socket, auth.ok().filter(has_content));
    socket.on_disconnect(
        async |socket: SocketRef, reason: DisconnectReason, State(memory): State<Memory>| {
            let end = if reason == DisconnectReason::ClientNSDisconnect { "packet" } else { "connection" };
            memory.lock().ends.insert(socket.id.to_string(), end);
        },
    );
    socket.on("leave_me", async |socket: SocketRef| {
        send(&socket, "goodbye", &NO_ARGUMENTS).await;
        // A client that is gone already has left as well.
        let _ = socket.disconnect();
    });
}

fn serve_echoes(socket: &SocketRef) {
    socket.on("echo", async |socket: SocketRef, Data(arguments): Data<Arguments>| {
        send(&socket, "echo", &arguments).await;
    });
    socket.on("echo_ack", async |Data(arguments): Data<Arguments>, ack: AckSender| answer(ack, &arguments));
    socket.on("", async |Data(arguments): Data<Arguments>, ack: AckSender| answer(ack, &arguments));
    socket.on("ack_empty", async |ack: AckSender| answer(ack, &NO_ARGUMENTS));
    socket.on("ack_never", async || {});
    socket.on("ack_delayed", async |Data(Arguments(mut arguments)): Data<Arguments>, ack: AckSender| {
        let delay = arguments.remove(0).as_u64().unwrap_or_default();
        sleep(Duration::from_millis(delay)).await;
        answer(ack, &Arguments(arguments));
    });
    socket.on("ask", async |socket: SocketRef, Data(question): Data<Arguments>| {
        let Ok(pending) =
            socket.timeout(NO_ANSWER_AFTER).emit_with_ack::<_, Arguments>("question", &question)
        else {
            return;
        };
        match pending.await {
            Ok(arguments) => send(&socket, "answer", &arguments).await,
            Err(_) => send(&socket, "no_answer", &NO_ARGUMENTS).await,
        }
    });
    socket.on("emit_named", async |socket: SocketRef, Data(Arguments(mut arguments)): Data<Arguments>| {
        let name = arguments.remove(0);
        send(&socket, name.as_str().unwrap_or_default(), &Arguments(arguments)).await;
    });
}

fn serve_values(socket: &SocketRef) {
    socket.on("types", async |socket: SocketRef| {
        if let Ok(values) = serde_json::from_str(TYPES) {
            send(&socket, "types", &Arguments(values)).await;
        }
    });
    socket.on("int64", async |socket: SocketRef| {
        send(&socket, "int64", &(i64::MAX, i64::MIN, (1_i64 << 53) + 1)).await;
    });
    socket.on("binary", async |socket: SocketRef| send(&socket, "binary", &binary()).await);
    socket.on("many_attachments", async |socket: SocketRef, Data(count): Data<u8>| {
        let attachments = (0..count).map(|byte| Value::Binary(vec![byte])).collect();
        send(&socket, "many_attachments", &Arguments(attachments)).await;
    });
    socket.on("burst", async |socket: SocketRef, Data(count): Data<u32>| {
        for number in 0..count {
            send(&socket, "burst", &number).await;
        }
    });
}

fn serve_questions(socket: &SocketRef, auth: Option<Value>) {
    socket.on("auth", async move |ack: AckSender| answer(ack, &auth));
    socket.on("handshake", async |socket: SocketRef, ack: AckSender| answer(ack, &handshake(&socket)));
    socket.on("whoami", async |socket: SocketRef, ack: AckSender| answer(ack, &socket.id.to_string()));
    socket.on(
        "remember",
        async |Data(Arguments(mut arguments)): Data<Arguments>, State(memory): State<Memory>| {
            let key = arguments.remove(0);
            let key = key.as_str().unwrap_or_default().to_owned();
            memory.lock().remembered.entry(key).or_default().push(Value::Array(arguments));
        },
    );
    socket.on("recall", async |Data(key): Data<String>, State(memory): State<Memory>, ack: AckSender| {
        answer(ack, &memory.lock().remembered.get(&key).cloned().unwrap_or_default());
    });
    socket.on("end_of", async |Data(id): Data<String>, State(memory): State<Memory>, ack: AckSender| {
        answer(ack, &memory.lock().ends.get(&id));
    });
    socket.on(
        "is_connected",
        async |io: SocketIo, socket: SocketRef, Data(id): Data<String>, ack: AckSender| {
            let sockets = io.of(socket.ns());
            let found = Sid::from_str(&id).ok().and_then(|id| sockets?.get_socket(id));
            answer(ack, &found.is_some());
        },
    );
}

/// Nothing and an empty object are the same to the client, which leaves out an empty auth.
fn has_content(auth: &Value) -> bool {
    auth.as_map().is_none_or(|map| !map.is_empty())
}

fn binary() -> impl Serialize {
    let bytes = || Value::from(BYTES);
    let object = |key: &str, value: Value| (Value::from(key), value);
    let deep = Value::Map(vec![
        object("name", "deep".into()),
        object(
            "levels",
            Value::Map(vec![object("a", Value::Array(vec![Value::Map(vec![object("b", bytes())])]))]),
        ),
    ]);
    Arguments(vec![deep, Value::Binary(Vec::new()), "end".into(), Value::Array(vec![bytes(), bytes()])])
}

#[derive(Serialize)]
struct Handshake {
    path: String,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
}

fn handshake(socket: &SocketRef) -> Handshake {
    let request = socket.req_parts();
    let query = request.uri.query().unwrap_or_default();
    Handshake {
        path: request.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
    }
}

/// Sends as soon as there is room in the client's buffer. Whoever has gone needs no event.
async fn send<T: Serialize>(socket: &SocketRef, event: &str, data: &T) {
    while let Err(SendError::Socket(SocketError::InternalChannelFull)) = socket.emit(event, data) {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Whoever has gone, or did not ask, needs no answer.
fn answer<T: Serialize>(ack: AckSender, data: &T) {
    let _ = ack.send(data);
}

/// Any number of arguments. socketioxide takes a tuple for the arguments of an event and anything else for its
/// one argument, so this is a tuple without a fixed length.
struct Arguments(Vec<Value>);

const NO_ARGUMENTS: Arguments = Arguments(Vec::new());

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for argument in &self.0 {
            tuple.serialize_element(argument)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(0, ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of an event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Arguments, A::Error> {
        let mut arguments = Vec::new();
        while let Some(argument) = sequence.next_element()? {
            arguments.push(argument);
        }
        Ok(Arguments(arguments))
    }
}
