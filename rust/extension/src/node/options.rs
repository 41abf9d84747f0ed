//! What stands behind the node's properties.

use std::rc::Rc;

use godot::builtin::AnyDictionary;
use godot::classes::Engine;
use godot::obj::{Gd, Singleton as _, WithBaseField as _};

use super::SocketIONode;
use super::own_client::{OwnClient, empty_dictionary};
use super::relay::Relay;
use crate::argument::DictionaryArgument;
use crate::client::SocketIOClient;
use crate::core::Core;
use crate::on_main;
use crate::options::Options;
use crate::report;

/// The properties that the node has from the client.
const OPTIONS: [&str; 15] = [
    "path",
    "query",
    "extra_headers",
    "connect_timeout",
    "connect_main_namespace",
    "reconnection",
    "reconnection_attempts",
    "reconnection_delay",
    "reconnection_delay_max",
    "randomization_factor",
    "auto_poll",
    "poll_budget_usec",
    "max_payload_size",
    "max_attachments",
    "max_buffered_size",
];

impl SocketIONode {
    /// Gives a client those options of the node that are not at their default.
    pub(super) fn hand_over_options(this: &Gd<Self>, client: &Gd<SocketIOClient>) {
        let (plain, mut client) = (SocketIOClient::create(), client.clone());
        for option in OPTIONS {
            let value = this.get(option);
            if value != plain.get(option) {
                client.set(option, &value);
            }
        }
    }

    /// Has the node's own client use the dictionaries that the game may have already, to edit them in place.
    pub(super) fn hand_over_dictionaries(this: &Gd<Self>, client: &Gd<SocketIOClient>) {
        let mut client = client.clone();
        for option in ["query", "extra_headers"] {
            client.set(option, &this.get(option));
        }
    }

    pub(super) fn read<T: Default>(&self, property: &str, read: impl FnOnce(&Self) -> T) -> T {
        if self.is_out_of_reach(property) { T::default() } else { read(self) }
    }

    /// Changes a property of the node's own. What it was before may be the last reference to an object of the game, so
    /// it goes when nothing is borrowed.
    pub(super) fn change<T>(&mut self, property: &str, change: impl FnOnce(&mut Self) -> T) {
        if self.is_out_of_reach(property) {
            return;
        }
        let before = change(self);
        self.released(|this| {
            drop(before);
            if Engine::singleton().is_editor_hint() {
                this.clone().update_configuration_warnings();
            }
        });
    }

    pub(super) fn option<T: Default>(&self, call: &str, get: impl FnOnce(&Options) -> T) -> T {
        self.read(call, |node| match &node.own_client {
            OwnClient::Planned(plan) => get(&plan.options),
            OwnClient::Made(relay) => get(&relay.core().options.borrow()),
        })
    }

    /// An option that the game may edit in place.
    pub(super) fn dictionary(
        &self,
        call: &str,
        field: impl FnOnce(&Options) -> &Option<AnyDictionary>,
    ) -> DictionaryArgument {
        self.option(call, |options| field(options).clone().map_or_else(empty_dictionary, DictionaryArgument))
    }

    /// Sets an option, also of the clients that the node has to do with, or tells why it stays as it is.
    pub(super) fn set_option<T: Clone>(
        &mut self,
        option: &str,
        value: Result<T, String>,
        field: impl Fn(&mut Options) -> &mut T,
    ) {
        if self.is_out_of_reach(&format!("SocketIONode.{option}")) {
            return;
        }
        let value = match value {
            Ok(value) => value,
            Err(problem) => {
                self.released(|_| report::error(format!("SocketIONode.{option}: {problem}.")));
                return;
            }
        };
        let planned = match &mut self.own_client {
            OwnClient::Planned(plan) => Some(std::mem::replace(field(&mut plan.options), value.clone())),
            OwnClient::Made(_) => None,
        };
        let clients = self.clients();
        self.released(|_| {
            drop(planned);
            clients.for_each(|core| core.set_option(value.clone(), &field));
        });
    }

    /// The clients that there are: the node's own, and the shared one while the node uses it.
    pub(super) fn clients(&self) -> impl Iterator<Item = Rc<Core>> + use<> {
        let own = match &self.own_client {
            OwnClient::Planned(_) => None,
            OwnClient::Made(relay) => Some(relay.core()),
        };
        own.into_iter().chain(self.shared_client.as_ref().map(Relay::core))
    }

    /// Whether this is another thread than the main one, and the node is in use there. It is reported. Until then a
    /// thread may set it up, as the engine does when a scene is instantiated on one.
    pub(super) fn is_out_of_reach(&self, property: &str) -> bool {
        if on_main::is_main_thread() {
            return false;
        }
        let in_use = self.base().is_inside_tree() || self.own_client.made().is_some();
        in_use && report::is_other_thread(property)
    }

    /// Runs what may call the game, with nothing of the node borrowed.
    pub(super) fn released(&mut self, run: impl FnOnce(&Gd<Self>)) {
        let this = self.to_gd();
        let _released = self.base_mut();
        run(&this);
    }
}
