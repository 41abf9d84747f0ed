//! Events on their way out.

use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use godot::builtin::{AnyArray, Callable, Signal};
use godot::global::Error;
use godot::obj::Gd;
use socketio_protocol::packet::is_reserved;
use socketio_protocol::{AckRequest, Command, Delivery, Emit, Payload};

use crate::acks::{MAX_PENDING_ACKS, PendingAck, Waiter};
use crate::awaited::Awaited;
use crate::connection::{Connection, Engine};
use crate::core::Core;
use crate::membership::{Membership, NamespaceCore};
use crate::namespace::SocketIONamespace;
use crate::refusal::Refusal;
use crate::signals::{self, EVENT_EMITTED};
use crate::variant::encode;
use crate::{main_loop, report};

/// How long an answer is waited for unless the game says otherwise, in seconds.
pub(crate) const ACK_TIMEOUT: f64 = 5.0;

/// An event as the game emits it.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) object: &'a Gd<SocketIONamespace>,
    pub(crate) namespace: &'a NamespaceCore,
    pub(crate) event: &'a str,
    pub(crate) data: &'a AnyArray,
}

impl Core {
    /// Sends an event, or makes it wait for the join.
    pub(crate) fn emit(self: &Rc<Self>, outgoing: Outgoing<'_>) -> Result<(), Refusal> {
        let delivery = outgoing.namespace.delivery(time(outgoing.namespace.ack_timeout.get()));
        self.send_event(outgoing, None, delivery)?;
        outgoing.namespace.emitted();
        Ok(())
    }

    /// Sends an event if that is possible now, and forgets it otherwise.
    pub(crate) fn emit_volatile(self: &Rc<Self>, outgoing: Outgoing<'_>) -> Result<(), Refusal> {
        outgoing.check_name()?;
        let payload = outgoing.encode(self.buffer())?;
        if self.is_away() || !outgoing.namespace.membership.borrow().is_joined() {
            return Ok(());
        }
        self.check(outgoing, &payload)?;
        // One for which there is no room is dropped like any other that cannot be sent now.
        self.command(Command::Emit(outgoing.emit(payload, None, Delivery::Volatile)));
        Ok(())
    }

    /// Sends an event whose answer goes to a callback. When it cannot be sent, the callback gets its time-out at
    /// the next poll.
    pub(crate) fn emit_with_ack(
        self: &Rc<Self>,
        outgoing: Outgoing<'_>,
        callback: &Callable,
        timeout: f64,
    ) -> Result<(), Refusal> {
        let waiter = Waiter::of(callback).map_err(|problem| {
            Refusal::new(Error::ERR_INVALID_PARAMETER, format!("the callback {problem}"))
        })?;
        self.ask(outgoing, waiter, timeout)
    }

    /// Sends an event whose answer is awaited.
    pub(crate) fn request(self: &Rc<Self>, outgoing: Outgoing<'_>, timeout: f64) -> Signal {
        let awaited = Awaited::new();
        let signal = awaited.signal();
        if let Err(refusal) = self.ask(outgoing, Waiter::Awaited(awaited), timeout) {
            report::error(format!("SocketIONamespace.request: {refusal}."));
        }
        signal
    }

    fn ask(self: &Rc<Self>, outgoing: Outgoing<'_>, waiter: Waiter, timeout: f64) -> Result<(), Refusal> {
        main_loop::start_polling();
        if self.acks.borrow().is_full() {
            self.fail_later([waiter]);
            let why = format!(
                "{MAX_PENDING_ACKS} events wait for their acknowledgements already: give them a timeout, and ask less often"
            );
            return Err(outgoing.refuse(Error::ERR_OUT_OF_MEMORY, why));
        }
        let timeout = outgoing.namespace.answer_time(timeout);
        let ack = PendingAck { namespace: outgoing.namespace.path.clone(), waiter };
        let token = self.acks.borrow_mut().add(ack);
        let delivery = outgoing.namespace.delivery(timeout);
        let sent = self.send_event(outgoing, Some(AckRequest { token, timeout }), delivery);
        if sent.is_err() {
            let failed = self.acks.borrow_mut().take(token);
            self.fail_later(failed.map(|ack| ack.waiter));
        }
        sent
    }

    fn send_event(
        self: &Rc<Self>,
        outgoing: Outgoing<'_>,
        ack: Option<AckRequest>,
        delivery: Delivery,
    ) -> Result<(), Refusal> {
        outgoing.check_name()?;
        if let Membership::Ended(ending) = &*outgoing.namespace.membership.borrow() {
            let path = &outgoing.namespace.path;
            let advice = if *self.connection.borrow() == Connection::Disconnected {
                self.how_to_connect()
            } else {
                "call connect_to_namespace() first"
            };
            return Err(outgoing.refuse(
                Error::ERR_UNCONFIGURED,
                format!("\"{path}\" is not connected ({ending}): {advice}"),
            ));
        }
        let payload = outgoing.encode(self.buffer())?;
        self.check(outgoing, &payload)?;
        self.start_worker()?;
        self.send(Command::Emit(outgoing.emit(payload, ack, delivery)))
            .map_err(|full| outgoing.refuse(full.code, &full))?;
        self.note_waiting(outgoing.namespace);
        Ok(())
    }

    fn check(&self, outgoing: Outgoing<'_>, payload: &Payload) -> Result<(), Refusal> {
        self.check_payload(&outgoing.namespace.path, payload)
            .map_err(|why| outgoing.refuse(Error::ERR_INVALID_DATA, why))
    }

    /// Checks what would make the server close the connection without a word (S26).
    ///
    /// # Errors
    /// What is too much, as a sentence.
    pub(crate) fn check_payload(&self, namespace: &str, payload: &Payload) -> Result<(), String> {
        let (count, limit) = (payload.attachments.len(), self.options.borrow().max_attachments());
        if count > limit {
            return Err(format!(
                "{count} attachments are more than the {limit} of SocketIOClient.max_attachments, and a server takes 10 \
                 in one event unless it is told otherwise"
            ));
        }
        let Connection::Open { engine: Engine { transport, max_payload: Some(limit), .. }, .. } =
            *self.connection.borrow()
        else {
            return Ok(());
        };
        let size = payload.largest_message(namespace, transport);
        if u64::try_from(size).is_ok_and(|size| size <= limit) {
            return Ok(());
        }
        Err(format!(
            "{size} bytes are more than the {limit} that the server takes in one message: send less at a time, or \
             raise the server's maxHttpBufferSize"
        ))
    }
}

impl Outgoing<'_> {
    fn check_name(&self) -> Result<(), Refusal> {
        if is_reserved(self.event) {
            let why = "this name is reserved by Socket.IO, choose another";
            return Err(self.refuse(Error::ERR_INVALID_PARAMETER, why));
        }
        Ok(())
    }

    fn encode(&self, buffer: String) -> Result<Payload, Refusal> {
        encode::event(self.event, self.data, buffer)
            .map_err(|error| self.refuse(Error::ERR_INVALID_DATA, error.describe("data")))
    }

    fn emit(&self, payload: Payload, ack: Option<AckRequest>, delivery: Delivery) -> Emit {
        let namespace = self.namespace.path.clone();
        Emit { namespace, payload, ack, delivery, report: signals::is_connected(self.object, EVENT_EMITTED) }
    }

    fn refuse(&self, code: Error, why: impl Display) -> Refusal {
        Refusal::new(code, format!("emit \"{}\": {why}", self.event))
    }
}

impl NamespaceCore {
    /// What is done for an event, each try of which is answered within `timeout`.
    fn delivery(&self, timeout: Option<Duration>) -> Delivery {
        match self.retries.get() {
            ..=0 => Delivery::Once,
            retries => Delivery::Retried { retries: u32::try_from(retries).unwrap_or(u32::MAX), timeout },
        }
    }

    /// How long an answer is waited for: what the call says, unless that is the default and the namespace has its
    /// own.
    fn answer_time(&self, given: f64) -> Option<Duration> {
        let own = self.ack_timeout.get();
        time(if given == ACK_TIMEOUT && own > 0.0 { own } else { given })
    }
}

/// Zero, negative and absurdly long times all mean to wait for ever.
pub(crate) fn time(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero())
}
