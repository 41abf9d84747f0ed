//! Events on their way out.

use std::rc::Rc;
use std::time::Duration;

use godot::builtin::{AnyArray, Callable};
use godot::global::Error;
use socketio_protocol::packet::is_reserved;
use socketio_protocol::{AckRequest, Command, Emit, Limits, Payload};

use crate::acks::PendingAck;
use crate::connection::Connection;
use crate::core::{Core, Notice};
use crate::listeners::check_ack_callback;
use crate::main_loop;
use crate::membership::{Membership, NamespaceCore};
use crate::refusal::Refusal;
use crate::variant::encode;

impl Core {
    /// Sends an event, or makes it wait for the join.
    pub(crate) fn emit(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
    ) -> Result<(), Refusal> {
        self.encode_and_send(namespace, event, data, None)
    }

    /// Sends an event whose answer goes to a callback. When it cannot be sent, the callback gets its time-out at
    /// the next poll.
    pub(crate) fn emit_with_ack(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
        callback: &Callable,
        timeout: f64,
    ) -> Result<(), Refusal> {
        check_ack_callback(callback).map_err(|problem| {
            Refusal::new(Error::ERR_INVALID_PARAMETER, format!("the callback {problem}"))
        })?;
        main_loop::start_polling();
        let ack = PendingAck { namespace: namespace.path.clone(), callback: callback.clone() };
        let token = self.acks.borrow_mut().add(ack);
        // Zero, negative and absurdly long times all mean to wait for ever.
        let timeout = Duration::try_from_secs_f64(timeout).ok().filter(|timeout| !timeout.is_zero());
        let sent = self.encode_and_send(namespace, event, data, Some(AckRequest { token, timeout }));
        if sent.is_err() {
            let failed = self.acks.borrow_mut().take(token);
            self.notices.borrow_mut().extend(failed.map(|ack| Notice::AckFailed(ack.callback)));
        }
        sent
    }

    fn encode_and_send(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
        ack: Option<AckRequest>,
    ) -> Result<(), Refusal> {
        let refused = |code: Error, why: String| Refusal::new(code, format!("emit \"{event}\": {why}"));
        if is_reserved(event) {
            return Err(refused(
                Error::ERR_INVALID_PARAMETER,
                "this name is reserved by Socket.IO, choose another".into(),
            ));
        }
        if let Membership::Ended(ending) = &*namespace.membership.borrow() {
            let path = &namespace.path;
            let call = if *self.connection.borrow() == Connection::Disconnected {
                "SocketIOClient.connect_to_url()"
            } else {
                "connect_to_namespace()"
            };
            return Err(refused(
                Error::ERR_UNCONFIGURED,
                format!("\"{path}\" is not connected ({ending}): call {call} first"),
            ));
        }
        let payload = encode::event(event, data)
            .map_err(|error| refused(Error::ERR_INVALID_DATA, error.describe("data")))?;
        self.check_payload(&namespace.path, &payload).map_err(|why| refused(Error::ERR_INVALID_DATA, why))?;
        self.start_worker()?;
        self.send(Command::Emit(Emit { namespace: namespace.path.clone(), payload, ack }))
            .map_err(|full| refused(full.code, full.to_string()))?;
        let connected = *self.connection.borrow() != Connection::Disconnected;
        namespace.emitted(connected);
        Ok(())
    }

    /// Checks what would make the server close the connection without a word (S26).
    ///
    /// # Errors
    /// What is too much, as a sentence.
    pub(crate) fn check_payload(&self, namespace: &str, payload: &Payload) -> Result<(), String> {
        let (count, limit) = (payload.attachments.len(), Limits::default().max_attachments);
        if count > limit {
            return Err(format!(
                "{count} attachments are more than the {limit} that a server takes in one event"
            ));
        }
        let Connection::Open { max_payload: Some(limit), .. } = *self.connection.borrow() else {
            return Ok(());
        };
        let size = payload.largest_message(namespace);
        if u64::try_from(size).is_ok_and(|size| size <= limit) {
            return Ok(());
        }
        Err(format!(
            "{size} bytes are more than the {limit} that the server takes in one message: send less at a time, or \
             raise the server's maxHttpBufferSize"
        ))
    }
}
