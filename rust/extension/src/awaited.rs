//! What a game awaits: a signal that is emitted exactly once, with a `SocketIOReply`.

use godot::builtin::{Callable, Signal, VarArray, Variant};
use godot::classes::RefCounted;
use godot::global::Error;
use godot::meta::ToGodot;
use godot::obj::{Gd, NewGd};

use crate::main_loop;
use crate::reply::SocketIOReply;
use crate::signals::{self, COMPLETED};

/// A signal that somebody awaits. A Godot `Signal` does not keep its object alive, so this does until it is resolved.
pub(crate) struct Awaited {
    emitter: Gd<RefCounted>,
}

impl Awaited {
    pub(crate) fn new() -> Self {
        let mut emitter = RefCounted::new_gd();
        emitter.add_user_signal(COMPLETED);
        Self { emitter }
    }

    pub(crate) fn signal(&self) -> Signal {
        Signal::from_object_signal(&self.emitter, COMPLETED)
    }

    /// Resumes who awaits it. Nothing may be borrowed. A function whose object has been freed does not run.
    pub(crate) fn resolve(self, error: Error, data: VarArray) {
        signals::emit(&self.emitter, COMPLETED, &[SocketIOReply::create(error, data).to_variant()]);
    }

    /// A signal for a call that can do nothing, from any thread: it tells so at the end of the frame, on the main thread.
    pub(crate) fn in_vain() -> Signal {
        let awaited = Self::new();
        let signal = awaited.signal();
        awaited.defer(|arguments| {
            if let [emitter, reply] = arguments
                && !main_loop::is_exiting()
            {
                emitter.call("emit_signal", &[COMPLETED.to_variant(), (*reply).clone()]);
            }
        });
        signal
    }

    /// A signal for a call while the engine exits.
    pub(crate) fn at_exit() -> Signal {
        let awaited = Self::new();
        let signal = awaited.signal();
        if let Some(awaited) = main_loop::take_at_exit(awaited) {
            // It comes after everything else, but must live until the function awaits it.
            awaited.defer(|_| {});
        }
        signal
    }

    /// Has a function called at the end of the frame, with the emitter, which lives until then, and a reply.
    fn defer(self, function: fn(&[&Variant])) {
        let callable = Callable::from_sync_fn("SocketIONamespace.await", function);
        let reply = SocketIOReply::create(Error::ERR_CONNECTION_ERROR, VarArray::new());
        callable.to_variant().call("call_deferred", &[self.emitter.to_variant(), reply.to_variant()]);
    }
}
