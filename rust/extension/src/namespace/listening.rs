//! Receiving events.

use godot::builtin::{Array, Callable, GString, Signal};
use godot::obj::Gd;
use godot::prelude::godot_api;
use socketio_protocol::packet::is_reserved;

use super::SocketIONamespace;
use crate::awaited::Awaited;
use crate::listeners::{Listener, Listeners};
use crate::report::{self, main_thread_only};
use crate::{listener_leak, main_loop};

#[godot_api(secondary)]
impl SocketIONamespace {
    /// Calls `callback` with one [Array] of the event's arguments whenever the server sends `event`.
    ///
    /// All callbacks of an event are called with the same [Array], in the order in which they were registered; one that
    /// is registered twice is called twice. A callback whose object has been freed is dropped silently.
    ///
    /// A callback with a second parameter also gets a [Callable] that answers the server: call it with one [Array].
    /// It answers once, and does nothing when the server asked for no answer. A second parameter with a default value keeps
    /// that, as in `func on_hit(data: Array, silent := false)`, unless it is a method's and made for a [Callable], as in
    /// `ack := Callable()`.
    ///
    /// A callback whose parameters do not fit is refused with an error. The first must be untyped or an [Array], not a typed
    /// one such as `Array[Dictionary]`. Of a lambda's parameters the engine tells the number only, so that the error comes with
    /// the first event.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().get_namespace().on("question", _on_question)
    ///
    /// func _on_question(data: Array, ack: Callable) -> void:
    ///     ack.call(["my answer to " + str(data[0])])
    /// ```
    ///
    /// **Note:** A lambda that does not use `self` belongs to its script, and stays registered when its node is freed. In
    /// debug builds, a warning tells when more than ten callbacks for an event come from one script or one object.
    #[func(gd_self)]
    fn on(this: Gd<Self>, event: GString, callback: Callable) {
        main_thread_only!("SocketIONamespace.on");
        Self::listen(&this, "on", &event, &callback, Listeners::add);
    }

    /// Calls `callback` as [method on] does, for the next such event only. It is removed before it is called.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().get_namespace().once("welcome", _on_welcome)
    ///
    /// func _on_welcome(data: Array) -> void:
    ///     print(data[0])
    /// ```
    #[func(gd_self)]
    fn once(this: Gd<Self>, event: GString, callback: Callable) {
        main_thread_only!("SocketIONamespace.once");
        Self::listen(&this, "once", &event, &callback, Listeners::add_once);
    }

    /// Removes one registration of `callback` for `event`. Does nothing if there is none.
    ///
    /// **Note:** Each lambda is a [Callable] of its own: keep it in a variable to be able to remove it.
    ///
    /// ```gdscript
    /// var main: SocketIONamespace = SocketIOClient.get_singleton().get_namespace()
    /// var print_tick: Callable = func(data: Array) -> void: print(data)
    ///
    /// func _enter_tree() -> void:
    ///     main.on("tick", print_tick)
    ///
    /// func _exit_tree() -> void:
    ///     main.off("tick", print_tick)
    /// ```
    #[func(gd_self)]
    fn off(this: Gd<Self>, event: GString, callback: Callable) {
        main_thread_only!("SocketIONamespace.off");
        let core = Self::core(&this);
        let removed = core.listeners.borrow_mut().remove(&event.to_string(), &callback);
        drop(removed);
    }

    /// Removes all callbacks for `event`, or those for every event if it is empty.
    ///
    /// ```gdscript
    /// func _exit_tree() -> void:
    ///     SocketIOClient.get_singleton().get_namespace().off_all("tick")
    /// ```
    #[func(gd_self)]
    fn off_all(this: Gd<Self>, #[opt(default = "")] event: GString) {
        main_thread_only!("SocketIONamespace.off_all");
        let core = Self::core(&this);
        if event.is_empty() {
            let removed = core.listeners.borrow_mut().take();
            drop(removed);
        } else {
            let removed = core.listeners.borrow_mut().remove_all(&event.to_string());
            drop(removed);
        }
    }

    /// Returns `true` if there are callbacks for `event`.
    #[func]
    fn has_listeners(&self, event: GString) -> bool {
        main_thread_only!("SocketIONamespace.has_listeners");
        !self.core.listeners.borrow().callables(&event.to_string()).is_empty()
    }

    /// Returns the callbacks for `event` that can still be called, in the order in which they were registered.
    ///
    /// ```gdscript
    /// for callback: Callable in SocketIOClient.get_singleton().get_namespace().get_listeners("tick"):
    ///     print(callback)
    /// ```
    #[func]
    fn get_listeners(&self, event: GString) -> Array<Callable> {
        main_thread_only!("SocketIONamespace.get_listeners");
        self.core.listeners.borrow().callables(&event.to_string()).into_iter().collect()
    }

    /// Returns a signal that brings the next `event` from the server as a [SocketIOReply] when it is awaited. Its
    /// callbacks are called first.
    ///
    /// The signal is emitted exactly once, so awaiting it never hangs. [member SocketIOReply.error] is
    /// [constant ERR_TIMEOUT] when no such event came within `timeout` seconds, and [constant ERR_CONNECTION_ERROR] when
    /// the namespace is not connected, or is left, lost or refused first, and when the client is freed or the game
    /// exits. A refusal is in [member SocketIOReply.data]. With a `timeout` of 0 or less, there is no limit. On a namespace
    /// that is still being joined it waits for that as well.
    ///
    /// ```gdscript
    /// func play() -> void:
    ///     var reply: SocketIOReply = await SocketIOClient.get_singleton().get_namespace().wait_for("round_started", 30.0)
    ///     if reply.is_ok():
    ///         print("the round is ", reply.data[0])
    /// ```
    ///
    /// **Note:** Of events that arrive together, one `await` gets the first only. Use [method on] to get each of them.
    #[func(gd_self)]
    fn wait_for(this: Gd<Self>, event: GString, #[opt(default = 0.0)] timeout: f64) -> Signal {
        main_thread_only!("SocketIONamespace.wait_for", Awaited::in_vain());
        if main_loop::is_exiting() {
            return Awaited::at_exit();
        }
        let event = event.to_string();
        if report_reserved("wait_for", &event) {
            return Awaited::in_vain();
        }
        let mut signal = None;
        Self::call(&this, "wait_for", |client, namespace| {
            signal = Some(client.wait_for(namespace, &event, timeout));
            Ok(())
        });
        signal.unwrap_or_else(Awaited::in_vain)
    }

    /// If `enabled`, only the newest of the events of this name that wait for a frame is dispatched, and the others are
    /// dropped. For what the server sends more often than the game draws, such as positions: a game that was busy for a
    /// second then does not have to work through all that it missed. An event that the server wants answered is never
    /// dropped.
    ///
    /// ```gdscript
    /// SocketIOClient.get_singleton().get_namespace().coalesce("world_state")
    /// ```
    #[func(gd_self)]
    fn coalesce(this: Gd<Self>, event: GString, #[opt(default = true)] enabled: bool) {
        main_thread_only!("SocketIONamespace.coalesce");
        Self::call(&this, "coalesce", |client, namespace| {
            client.coalescing.set(&namespace.path, &event.to_string(), enabled);
            Ok(())
        });
    }
}

impl SocketIONamespace {
    fn listen(
        this: &Gd<Self>,
        name: &str,
        event: &GString,
        callback: &Callable,
        add: impl FnOnce(&mut Listeners, String, Listener),
    ) {
        let event = event.to_string();
        if main_loop::is_exiting() || report_reserved(name, &event) {
            return;
        }
        let core = Self::core(this);
        match Listener::new(callback) {
            Ok(listener) => {
                let mut listeners = core.listeners.borrow_mut();
                add(&mut listeners, event.clone(), listener);
                let pile = listeners.piles_up(&event);
                drop(listeners);
                if let Some(source) = pile {
                    report::warning(listener_leak::warning(name, &event, &core.path, source));
                }
            }
            Err(problem) => {
                report::error(format!("SocketIONamespace.{name}: the callback for \"{event}\" {problem}."));
            }
        }
    }
}

/// Whether no event can have that name. It is reported.
fn report_reserved(name: &str, event: &str) -> bool {
    if !is_reserved(event) {
        return false;
    }
    report::error(format!(
        "SocketIONamespace.{name}: a server cannot send \"{event}\", the name is reserved by Socket.IO. Use the signals \
         connected, disconnected and connect_error instead."
    ));
    true
}
