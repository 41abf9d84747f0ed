//! Sending events.

use std::rc::Rc;

use godot::builtin::{AnyArray, Callable, GString, Signal};
use godot::obj::Gd;
use godot::prelude::godot_api;

use super::SocketIONamespace;
use crate::acks::Waiter;
use crate::argument::ArrayArgument;
use crate::awaited::Awaited;
use crate::core::Core;
use crate::emit::Outgoing;
use crate::main_loop;
use crate::refusal::Refusal;
use crate::report::main_thread_only;

#[godot_api(secondary)]
impl SocketIONamespace {
    /// Sends an event with the values in `data` as its arguments.
    ///
    /// Until the namespace is joined for the first time, while it is being joined, and while the client reconnects,
    /// events wait and are sent in order right after the join; if the server refuses it, they wait for the next one. Where
    /// nobody has asked for a join, a warning says what to call. After
    /// the namespace has been ended, by the game or the server, events are refused with an error until it is being joined again.
    ///
    /// ```gdscript
    /// SocketIOClient.get_singleton().get_namespace().emit("move", [{"x": 1.5, "y": 2.0}])
    /// ```
    ///
    /// **Note:** `connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener` and `removeListener` are
    /// reserved by Socket.IO and cannot be sent.
    ///
    /// **Note:** Godot's containers are not thread-safe. A game crashes if another thread changes an [Array] or
    /// [Dictionary] while it is being sent, as with [method JSON.stringify]. Guard the data with a [Mutex], or have the
    /// other thread hand over a deep copy with [method Object.call_deferred].
    #[func(gd_self)]
    fn emit(this: Gd<Self>, event: GString, #[opt(default = ArrayArgument::default())] data: ArrayArgument) {
        main_thread_only!("SocketIONamespace.emit");
        Self::send(&this, "emit", &event, &data.0, Core::emit);
    }

    /// Sends an event if that is possible at once, and forgets it otherwise, without a word: when the namespace is not
    /// joined, when the client is paused, and when the connection is so slow that earlier ones still wait. For what soon
    /// comes again, such as positions.
    ///
    /// ```gdscript
    /// func _physics_process(_delta: float) -> void:
    ///     SocketIOClient.get_singleton().get_namespace().emit_volatile("move", [{"x": 1.5, "y": 2.0}])
    /// ```
    #[func(gd_self)]
    fn emit_volatile(
        this: Gd<Self>,
        event: GString,
        #[opt(default = ArrayArgument::default())] data: ArrayArgument,
    ) {
        main_thread_only!("SocketIONamespace.emit_volatile");
        Self::send(&this, "emit_volatile", &event, &data.0, Core::emit_volatile);
    }

    /// Sends an event and calls `callback` with the server's answer: one [Array] of the values with which the server
    /// acknowledged.
    ///
    /// `callback` is called exactly once. It gets `["timeout"]` when no answer came within `timeout` seconds, when the
    /// namespace was refused, left or lost first, when the client has stopped trying to connect, and when the event could
    /// not be sent. The time counts from this call on, also while the event waits. With a `timeout` of 0 or less, the answer is waited for as long as the namespace
    /// is joined. With [member retries], the time is that of each try. At most 100,000 events of a client can wait for
    /// their answers. A callback whose object has been freed is dropped silently, and one whose parameters do not fit is
    /// refused as by [method on].
    ///
    /// ```gdscript
    /// SocketIOClient.get_singleton().get_namespace().emit_with_ack("roll", [6], func(answer: Array) -> void:
    ///     print("rolled ", answer[0])
    /// )
    /// ```
    #[func(gd_self)]
    fn emit_with_ack(
        this: Gd<Self>,
        event: GString,
        data: AnyArray,
        callback: Callable,
        #[opt(default = 5.0)] timeout: f64,
    ) {
        main_thread_only!("SocketIONamespace.emit_with_ack");
        if main_loop::is_exiting() {
            return;
        }
        if Self::core(&this).client.strong_count() == 0
            && let Ok(waiter) = Waiter::of(&callback)
        {
            main_loop::fail_later(vec![waiter]);
        }
        Self::send(&this, "emit_with_ack", &event, &data, |client, outgoing| {
            client.emit_with_ack(outgoing, &callback, timeout)
        });
    }

    /// Sends an event and returns a signal that brings the server's answer as a [SocketIOReply] when it is awaited.
    ///
    /// The signal is emitted exactly once, so awaiting it never hangs. [member SocketIOReply.error] is
    /// [constant ERR_TIMEOUT] when no answer came within `timeout` seconds, and [constant ERR_CONNECTION_ERROR] at once when
    /// the namespace was refused, left or lost first, when the client has stopped trying to connect, when the event could
    /// not be sent and when the client is freed or the game exits. A refusal is in [member SocketIOReply.data].
    /// The time counts from this call on, also while the event waits. With a `timeout` of 0 or less, the answer is waited
    /// for as long as the namespace is joined. With [member retries], the time is that of each try, and the reply comes
    /// when the server has answered, when the last try has failed, or when nobody tries to connect any more.
    ///
    /// ```gdscript
    /// func roll() -> void:
    ///     var reply: SocketIOReply = await SocketIOClient.get_singleton().get_namespace().request("roll", [6])
    ///     if reply.is_ok():
    ///         print("rolled ", reply.data[0])
    /// ```
    ///
    /// **Note:** Await it at once. Nothing resumes a function whose object has been freed meanwhile.
    #[func(gd_self)]
    fn request(
        this: Gd<Self>,
        event: GString,
        #[opt(default = ArrayArgument::default())] data: ArrayArgument,
        #[opt(default = 5.0)] timeout: f64,
    ) -> Signal {
        main_thread_only!("SocketIONamespace.request", Awaited::in_vain());
        if main_loop::is_exiting() {
            return Awaited::at_exit();
        }
        let mut signal = None;
        Self::send(&this, "request", &event, &data.0, |client, outgoing| {
            signal = Some(client.request(outgoing, timeout));
            Ok(())
        });
        signal.unwrap_or_else(Awaited::in_vain)
    }
}

impl SocketIONamespace {
    fn send(
        this: &Gd<Self>,
        name: &str,
        event: &GString,
        data: &AnyArray,
        send: impl FnOnce(&Rc<Core>, Outgoing<'_>) -> Result<(), Refusal>,
    ) {
        let event: String = event.chars().iter().collect();
        Self::call(this, name, |client, namespace| {
            send(client, Outgoing { object: this, namespace, event: &event, data })
        });
    }
}
