//! The client's signals, emitted by the node as its own.

use std::rc::Rc;

use godot::builtin::{Callable, VarDictionary, Variant};
use godot::meta::ToGodot;
use godot::obj::{Gd, InstanceId};

use super::SocketIONode;
use crate::client::SocketIOClient;
use crate::core::Core;
use crate::{report, signals};

/// A node's connections to the signals of a client.
pub(super) struct Relay {
    node: InstanceId,
    client: Gd<SocketIOClient>,
    connections: Vec<(&'static str, Callable)>,
}

impl Relay {
    /// Has the node emit whatever the client emits.
    pub(super) fn begin(node: &Gd<SocketIONode>, mut client: Gd<SocketIOClient>) -> Self {
        let (node_id, client_id) = (node.instance_id(), client.instance_id());
        let mut connections = Vec::new();
        for signal in signals::OF_CLIENT {
            // The engine disconnects it when the node is freed.
            let callable = node.linked_callable(format!("SocketIONode.{signal}"), move |arguments| {
                relay(node_id, client_id, signal, arguments);
            });
            // Not gdext's own `connect`, which in the editor keeps a list for hot reload.
            client.call("connect", &[signals::name(signal).to_variant(), callable.to_variant()]);
            connections.push((signal, callable));
        }
        let relay = Self { node: node_id, client, connections };
        relay.core().nodes.borrow_mut().push(node_id);
        relay
    }

    /// Lets go of the client.
    pub(super) fn end(mut self) {
        for (signal, callable) in &self.connections {
            // At the exit of the engine they have been disconnected before.
            if self.client.is_connected(&signals::name(signal), callable) {
                self.client.disconnect(&signals::name(signal), callable);
            }
        }
        self.core().nodes.borrow_mut().retain(|node| *node != self.node);
    }

    pub(super) fn client(&self) -> &Gd<SocketIOClient> {
        &self.client
    }

    pub(super) fn core(&self) -> Rc<Core> {
        self.client.bind().core()
    }
}

fn relay(node: InstanceId, client: InstanceId, signal: &'static str, arguments: &[&Variant]) {
    let Ok(node) = Gd::<SocketIONode>::try_from_instance_id(node) else {
        return;
    };
    if signal == signals::CONNECT_ERROR
        && let Ok(client) = Gd::<SocketIOClient>::try_from_instance_id(client)
    {
        let core = client.bind().core();
        warn_if_unheard(&client, &core, arguments);
    }
    let arguments: Vec<Variant> = arguments.iter().map(|&argument| argument.clone()).collect();
    signals::emit(&node, signal, &arguments);
}

/// The client prints a failure that nobody listens to. To the client, its nodes are listeners.
fn warn_if_unheard(client: &Gd<SocketIOClient>, core: &Rc<Core>, arguments: &[&Variant]) {
    let name = signals::name(signals::CONNECT_ERROR);
    let nodes: Vec<_> = core
        .nodes
        .borrow()
        .iter()
        .filter_map(|node| Gd::<SocketIONode>::try_from_instance_id(*node).ok())
        .collect();
    let is_heard = client.get_signal_connection_list(&name).len() > nodes.len()
        || core.namespaces().iter().any(|entry| signals::is_connected(&entry.object, signals::CONNECT_ERROR))
        || nodes.iter().any(|node| signals::is_connected(node, signals::CONNECT_ERROR));
    if is_heard {
        return;
    }
    let error = arguments.first().and_then(|error| error.try_to::<VarDictionary>().ok());
    let message = error.and_then(|error| error.get("message")).map(|message| message.stringify().to_string());
    if let Some(message) = message
        && core.last_warning.replace(message.clone()) != message
    {
        report::failure("SocketIONode", &message);
    }
}
