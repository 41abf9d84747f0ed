//! What the editor asks for.

use std::rc::Rc;

use godot::builtin::{GString, VarArray, Variant};
use godot::meta::FromGodot;
use socketio_protocol::packet::is_reserved;

use crate::core::Core;
use crate::emit::Outgoing;
use crate::variant::encode;
use crate::{dispatch, report};

/// A request of the editor.
pub(super) enum Request {
    /// `watch [enabled]`: show what passes, or not any more.
    Watch(bool),
    /// What is for the client of that number.
    OfClient(i64, ClientRequest),
}

/// A request for one client.
pub(super) enum ClientRequest {
    /// `get_payload [client, number]`: show what a packet carried.
    GetPayload(u64),
    /// `drop_connection [client]`: end the connection as a dying network does.
    DropConnection,
    /// `add_latency [client, seconds]`: make the round trip longer.
    AddLatency(f64),
    /// `emit [client, namespace, event, data]`: emit an event.
    Emit(Event),
    /// `receive [client, namespace, event, data]`: dispatch an event as if the server had sent it.
    Receive(Event),
}

/// An event that the developer has written.
pub(super) struct Event {
    namespace: String,
    name: String,
    data: VarArray,
}

impl Request {
    /// Reads a message. `None` for one of another version, or one that makes no sense.
    pub(super) fn parse(message: &str, data: &VarArray) -> Option<Self> {
        if message == "watch" {
            return Some(Self::Watch(argument(data, 0)?));
        }
        let request = match message {
            "get_payload" => ClientRequest::GetPayload(u64::try_from(argument::<i64>(data, 1)?).ok()?),
            "drop_connection" => ClientRequest::DropConnection,
            "add_latency" => ClientRequest::AddLatency(seconds(data, 1)?),
            "emit" => ClientRequest::Emit(Event::parse(data)?),
            "receive" => ClientRequest::Receive(Event::parse(data)?),
            _ => return None,
        };
        Some(Self::OfClient(argument(data, 0)?, request))
    }
}

impl ClientRequest {
    pub(super) fn apply_to(self, core: &Rc<Core>) {
        let Some(worker) = core.worker() else { return };
        let result = match self {
            Self::GetPayload(number) => {
                core.inspection.want_payload(number);
                Ok(())
            }
            Self::DropConnection => {
                worker.drop_transport();
                Ok(())
            }
            Self::AddLatency(seconds) => {
                core.inspection.add_latency(&worker, seconds);
                Ok(())
            }
            Self::Emit(event) => event.emit(core),
            Self::Receive(event) => event.receive(core),
        };
        if let Err(problem) = result {
            report::error(format!("The traffic inspector's event was refused: {problem}."));
        }
    }
}

impl Event {
    fn parse(data: &VarArray) -> Option<Self> {
        Some(Self { namespace: text(data, 1)?, name: text(data, 2)?, data: argument(data, 3)? })
    }

    fn emit(self, core: &Rc<Core>) -> Result<(), String> {
        let entry = core.namespace(&self.namespace).ok_or_else(|| self.unknown_namespace())?;
        let data = self.data.upcast_any_array();
        let outgoing =
            Outgoing { object: &entry.object, namespace: &entry.core, event: &self.name, data: &data };
        core.emit(outgoing).map_err(|refusal| refusal.to_string())
    }

    /// What the server could not send either is refused.
    fn receive(self, core: &Rc<Core>) -> Result<(), String> {
        if core.namespace(&self.namespace).is_none() {
            return Err(self.unknown_namespace());
        }
        if is_reserved(&self.name) {
            return Err(format!("\"{}\" is reserved by Socket.IO", self.name));
        }
        let data = self.data.upcast_any_array();
        let payload = encode::answer(&data, String::new()).map_err(|error| error.describe("data"))?;
        if dispatch::receive(core, &self.namespace, &self.name, payload) {
            return Ok(());
        }
        Err(format!("\"{}\" is not joined, so that no event can come in it", self.namespace))
    }

    fn unknown_namespace(&self) -> String {
        format!("the client has no namespace \"{}\"", self.namespace)
    }
}

fn argument<T: FromGodot>(data: &VarArray, index: usize) -> Option<T> {
    data.get(index)?.try_to().ok()
}

fn text(data: &VarArray, index: usize) -> Option<String> {
    // Not by `to_string`, which would cut the text at a NUL.
    argument::<GString>(data, index).map(|text| text.chars().iter().collect())
}

fn seconds(data: &VarArray, index: usize) -> Option<f64> {
    let value: Variant = data.get(index)?;
    value.try_to().or_else(|_| value.try_to::<i64>().map(|seconds| seconds as f64)).ok()
}
