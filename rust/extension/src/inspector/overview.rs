//! Clients and packets, as the editor is told of them.

use std::rc::Rc;
use std::time::Duration;

use godot::builtin::{GString, VarArray, Variant, varray, vdict};
use godot::meta::ToGodot;
use socketio_client::tap::{Direction, Packet};

use crate::core::Core;
use crate::membership::NamespaceEntry;

/// How many namespaces of a client are shown, the first ones.
const MAX_NAMESPACES: usize = 100;

/// How a client stands. Nothing of one that is going away.
pub(super) fn client(core: &Rc<Core>) -> Option<Variant> {
    let number = core.inspection.number()?;
    let (object, worker) = (core.object()?, core.worker()?);
    let statistics = worker.statistics();
    let dispatch = core.inspection.take_longest_dispatch();
    let namespaces: VarArray =
        core.namespaces().iter().take(MAX_NAMESPACES).map(|entry| namespace(core, entry)).collect();
    let object = object.bind();
    let client = vdict! {
        "client" => number,
        "url" => &GString::from(&core.masked_url()),
        "state" => object.get_connection_state() as i64,
        "transport" => &object.get_transport_name(),
        "session_id" => &masked(&object.get_engine_io_session_id()),
        "latency" => object.get_latency(),
        "added_latency" => core.inspection.added_latency().as_secs_f64(),
        "statistics" => &object.get_statistics(),
        "bytes_waiting_to_send" => int(statistics.outbound.bytes),
        "bytes_waiting_to_dispatch" => int(statistics.inbound.bytes),
        "reading_paused" => statistics.reading_paused,
        "dispatch_usec" => i64::try_from(dispatch.as_micros()).unwrap_or(i64::MAX),
        "namespaces" => &namespaces,
    };
    Some(client.to_variant())
}

/// What a packet is. The time is that since the start of the game.
pub(super) fn packet(packet: &Packet, time: Duration) -> VarArray {
    varray![
        i64::try_from(packet.number).unwrap_or(i64::MAX),
        time.as_secs_f64(),
        packet.direction == Direction::Incoming,
        packet.kind.as_str(),
        &*packet.namespace,
        &*packet.event,
        int(packet.size),
        packet.ack_id.map_or(-1, |id| i64::try_from(id).unwrap_or(i64::MAX)),
        packet.round_trip.map_or(-1.0, |time| time.as_secs_f64()),
        int(packet.attachments),
    ]
}

fn namespace(core: &Rc<Core>, entry: &NamespaceEntry) -> Variant {
    let counts = core.inspection.counts(&entry.core.path);
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let object = entry.object.bind();
    let namespace = vdict! {
        "path" => &*entry.core.path,
        "state" => object.get_connection_state() as i64,
        "session_id" => &masked(&object.get_session_id()),
        "recovered" => entry.core.recovered.get(),
        "events_received" => count(counts.received),
        "events_emitted" => count(counts.emitted),
    };
    namespace.to_variant()
}

/// A session id, of which enough is left to tell it from others.
fn masked(session_id: &GString) -> GString {
    const SHOWN: usize = 4;

    let session_id = session_id.to_string();
    if session_id.is_empty() {
        return GString::new();
    }
    // Of a short one it would be too much.
    let shown = if session_id.chars().nth(2 * SHOWN).is_some() { SHOWN } else { 0 };
    let shown: String = session_id.chars().take(shown).collect();
    GString::from(&format!("{shown}…"))
}

fn int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
