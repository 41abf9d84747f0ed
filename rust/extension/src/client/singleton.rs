//! The shared client, which is an engine singleton as well.

use std::cell::RefCell;

use godot::builtin::StringName;
use godot::classes::Engine;
use godot::obj::{Gd, Singleton as _};

use super::SocketIOClient;

thread_local! {
    static SINGLETON: RefCell<Option<Gd<SocketIOClient>>> = const { RefCell::new(None) };
}

const SINGLETON_NAME: &str = "SocketIOClient";

/// The shared client.
pub(crate) fn get() -> Option<Gd<SocketIOClient>> {
    SINGLETON.with(|singleton| singleton.borrow().clone())
}

/// Makes the shared client and registers it as an engine singleton.
pub(crate) fn register() {
    let client = SocketIOClient::create();
    Engine::singleton().register_singleton(&StringName::from(SINGLETON_NAME), &client);
    SINGLETON.with(|singleton| *singleton.borrow_mut() = Some(client));
}

/// Takes the shared client back before its class goes.
pub(crate) fn unregister() {
    Engine::singleton().unregister_singleton(&StringName::from(SINGLETON_NAME));
    let client = SINGLETON.with(RefCell::take);
    drop(client);
}
