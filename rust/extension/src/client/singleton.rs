//! The shared client. With the project setting for Blazium's scripts it is an engine singleton as well.

use std::cell::RefCell;

use godot::builtin::StringName;
use godot::classes::Engine;
use godot::meta::ToGodot;
use godot::obj::{Gd, Singleton as _};

use super::SocketIOClient;

thread_local! {
    static SINGLETON: RefCell<Option<Gd<SocketIOClient>>> = const { RefCell::new(None) };
}

const SINGLETON_NAME: &str = "SocketIOClient";
/// The project setting that makes it one. Off by default: GDScript has no `new()` for the class of an engine singleton,
/// and takes the name of the class for the singleton.
pub(crate) const SETTING: &str = "socket_io/compatibility/blazium";

/// The shared client.
pub(crate) fn get() -> Option<Gd<SocketIOClient>> {
    SINGLETON.with(|singleton| singleton.borrow().clone())
}

/// Makes the shared client.
pub(crate) fn register() {
    let client = SocketIOClient::create();
    if is_engine_singleton() {
        Engine::singleton().register_singleton(&StringName::from(SINGLETON_NAME), &client);
    }
    SINGLETON.with(|singleton| *singleton.borrow_mut() = Some(client));
}

/// Takes the shared client back before its class goes.
pub(crate) fn unregister() {
    let name = StringName::from(SINGLETON_NAME);
    if Engine::singleton().has_singleton(&name) {
        Engine::singleton().unregister_singleton(&name);
    }
    let client = SINGLETON.with(RefCell::take);
    drop(client);
}

/// Whether scripts that were written for Blazium's module find the shared client by the name of the class.
fn is_engine_singleton() -> bool {
    let settings = Engine::singleton().get_singleton("ProjectSettings");
    settings.is_some_and(|mut settings| {
        settings.call("get_setting", &[SETTING.to_variant(), false.to_variant()]).booleanize()
    })
}
