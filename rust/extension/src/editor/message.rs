//! The messages of a game's debugger, as `inspector` sends them.
//!
//! The game may be built with another version of the addon: whatever is not as expected is left out.

use godot::builtin::{
    AnyArray, AnyDictionary, GString, StringName, VarArray, VarDictionary, Variant, VariantType,
};

use super::traffic::{Client, Direction, Kind, Namespace, Packet, Reading, State};

/// What the names of all messages begin with.
pub(super) const CAPTURE: &str = "socket_io";

/// The most packets of one message. A game sends 200 at most.
const MAX_PACKETS: usize = 1000;
/// The most namespaces of a client that are shown.
const MAX_NAMESPACES: usize = 100;
/// The longest text, in characters. The rest of it is left out.
const MAX_TEXT: usize = 500;

/// What a game has said.
pub(super) enum Message {
    /// It has a client.
    Hello,
    /// How its clients stand.
    Clients(Vec<(Client, Reading)>),
    Packets {
        packets: Vec<Packet>,
        /// How many were left out.
        skipped: u64,
    },
    Payload(Payload),
}

/// What a packet carried.
pub(super) struct Payload {
    pub client: i64,
    pub number: i64,
    pub value: Variant,
    /// Why there is no value. Empty if there is one.
    pub note: String,
}

impl Message {
    /// Reads a message. `None` for one that is unknown or not as it should be.
    pub(super) fn read(name: &str, data: &VarArray) -> Option<Self> {
        let name = name.strip_prefix(CAPTURE)?.strip_prefix(':')?;
        match name {
            "hello" => Some(Self::Hello),
            "clients" => {
                let clients = array(&data.get(0)?)?;
                Some(Self::Clients(clients.iter_shared().filter_map(|client| read_client(&client)).collect()))
            }
            "packets" => {
                let (client, skipped) = (int(&data.get(0)?)?, count(&data.get(1)?)?);
                let packets = array(&data.get(2)?)?;
                let left_out = packets.len().saturating_sub(MAX_PACKETS) as u64;
                let packets = packets
                    .iter_shared()
                    .take(MAX_PACKETS)
                    .filter_map(|packet| read_packet(client, &packet))
                    .collect();
                Some(Self::Packets { packets, skipped: skipped.saturating_add(left_out) })
            }
            "payload" => Some(Self::Payload(Payload {
                client: int(&data.get(0)?)?,
                number: int(&data.get(1)?)?,
                value: data.get(2)?,
                note: data.get(3).and_then(|note| text(&note)).unwrap_or_default(),
            })),
            _ => None,
        }
    }
}

fn read_packet(client: i64, packet: &Variant) -> Option<Packet> {
    let fields = array(packet)?;
    let field = |index| fields.get(index);
    Some(Packet {
        client,
        number: int(&field(0)?)?,
        time: seconds(&field(1)?)?,
        direction: if field(2)?.try_to::<bool>().ok()? { Direction::In } else { Direction::Out },
        kind: Kind::by_name(&text(&field(3)?)?)?,
        namespace: text(&field(4)?)?,
        event: text(&field(5)?)?,
        size: count(&field(6)?)?,
        ack: count(&field(7)?),
        round_trip: seconds(&field(8)?),
        attachments: count(&field(9)?)?,
    })
}

/// Only the number must be there: the rest has a value that says nothing.
fn read_client(client: &Variant) -> Option<(Client, Reading)> {
    let fields = Fields(client.try_to().ok()?);
    let statistics = fields.get("statistics").and_then(|value| value.try_to().ok());
    let statistics = Fields(statistics.unwrap_or_else(|| VarDictionary::new().upcast_any_dictionary()));
    let latency = fields.seconds("latency");
    let reading = Reading {
        events_received: statistics.count("events_received"),
        events_sent: statistics.count("events_sent"),
        bytes_received: statistics.count("bytes_received"),
        bytes_sent: statistics.count("bytes_sent"),
        latency,
    };
    let namespaces = fields.get("namespaces").and_then(|value| array(&value));
    let namespaces = namespaces.iter().flat_map(AnyArray::iter_shared).take(MAX_NAMESPACES);
    let client = Client {
        number: int(&fields.get("client")?)?,
        url: fields.text("url"),
        state: fields.state(),
        transport: fields.text("transport"),
        session_id: fields.text("session_id"),
        latency,
        added_latency: fields.seconds("added_latency").unwrap_or_default(),
        reconnects: statistics.count("reconnects"),
        bytes_waiting_to_send: fields.count("bytes_waiting_to_send"),
        bytes_waiting_to_dispatch: fields.count("bytes_waiting_to_dispatch"),
        reading_paused: fields.flag("reading_paused"),
        dispatch_usec: fields.count("dispatch_usec"),
        namespaces: namespaces.filter_map(|namespace| read_namespace(&namespace)).collect(),
        ..Client::default()
    };
    Some((client, reading))
}

fn read_namespace(namespace: &Variant) -> Option<Namespace> {
    let fields = Fields(namespace.try_to().ok()?);
    Some(Namespace {
        path: text(&fields.get("path")?)?,
        state: fields.state(),
        session_id: fields.text("session_id"),
        recovered: fields.flag("recovered"),
        events_received: fields.count("events_received"),
        events_emitted: fields.count("events_emitted"),
    })
}

/// The fields of a dictionary, with a default for what is not there or not of the right type.
struct Fields(AnyDictionary);

impl Fields {
    fn get(&self, name: &str) -> Option<Variant> {
        self.0.get(name)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).and_then(|value| text(&value)).unwrap_or_default()
    }

    fn count(&self, name: &str) -> u64 {
        self.get(name).and_then(|value| count(&value)).unwrap_or_default()
    }

    fn seconds(&self, name: &str) -> Option<f64> {
        seconds(&self.get(name)?)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.try_to().unwrap_or(false))
    }

    fn state(&self) -> State {
        let number = self.get("state").and_then(|value| int(&value));
        number.and_then(State::from_number).unwrap_or_default()
    }
}

fn array(value: &Variant) -> Option<AnyArray> {
    value.try_to().ok()
}

fn int(value: &Variant) -> Option<i64> {
    value.try_to().ok()
}

/// A number that is not negative: -1 stands for none.
fn count(value: &Variant) -> Option<u64> {
    u64::try_from(int(value)?).ok()
}

/// A time that is not negative: -1.0 stands for none.
fn seconds(value: &Variant) -> Option<f64> {
    let seconds = match value.get_type() {
        VariantType::INT => int(value)? as f64,
        _ => value.try_to().ok()?,
    };
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

fn text(value: &Variant) -> Option<String> {
    let text = match value.get_type() {
        VariantType::STRING_NAME => GString::from(&value.try_to::<StringName>().ok()?),
        _ => value.try_to::<GString>().ok()?,
    };
    Some(text.chars().iter().take(MAX_TEXT).collect())
}
