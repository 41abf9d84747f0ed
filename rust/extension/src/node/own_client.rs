//! The client of its own that a node has.

use godot::builtin::VarDictionary;
use godot::obj::Gd;

use super::SocketIONode;
use super::relay::Relay;
use crate::argument::DictionaryArgument;
use crate::client::{SocketIOClient, singleton};
use crate::core::Maker;
use crate::options::Options;

/// The client of its own that a node has. It is made when something needs it: a scene may be instantiated on any
/// thread, but a client belongs to the main one.
pub(super) enum OwnClient {
    Planned(Plan),
    /// Its signals are the node's from here on.
    Made(Relay),
}

/// The options that the client will get.
pub(super) struct Plan {
    pub(super) auto_poll: bool,
    pub(super) options: Options,
}

impl Default for OwnClient {
    fn default() -> Self {
        // There from the start, to be edited in place.
        let (query, extra_headers) = (Some(empty_dictionary().0), Some(empty_dictionary().0));
        Self::Planned(Plan {
            auto_poll: true,
            options: Options { query, extra_headers, ..Options::default() },
        })
    }
}

impl OwnClient {
    /// The client, if it has been made.
    pub(super) fn made(&self) -> Option<Gd<SocketIOClient>> {
        match self {
            Self::Planned(_) => None,
            Self::Made(relay) => Some(relay.client().clone()),
        }
    }

    pub(super) fn is_auto_poll(&self) -> bool {
        match self {
            Self::Planned(plan) => plan.auto_poll,
            Self::Made(relay) => relay.core().auto_poll.get(),
        }
    }
}

impl SocketIONode {
    /// The client that the node uses. None when the shared one is gone, at the very end.
    pub(super) fn client(this: &Gd<Self>) -> Option<Gd<SocketIOClient>> {
        if this.bind().share_singleton {
            return singleton::get();
        }
        if let Some(client) = this.bind().own_client.made() {
            return Some(client);
        }
        let client = SocketIOClient::create();
        client.bind().core().maker.set(Maker::Node);
        Self::hand_over_options(this, &client);
        Self::hand_over_dictionaries(this, &client);
        let relay = Relay::begin(this, client.clone());
        let planned = std::mem::replace(&mut this.clone().bind_mut().own_client, OwnClient::Made(relay));
        drop(planned);
        Some(client)
    }
}

/// A dictionary that the game may edit in place.
pub(super) fn empty_dictionary() -> DictionaryArgument {
    DictionaryArgument(VarDictionary::new().upcast_any_dictionary())
}
