//! The rules by which a server judges what a client sends. A real one closes the connection where this one panics.

use std::collections::BTreeMap;

use socketio_protocol::packet::{Content, Header, Kind};
use socketio_protocol::{Frame, Values};

/// One connection, as the server sees it.
#[derive(Default)]
pub struct StrictServer {
    open: bool,
    namespaces: BTreeMap<String, Membership>,
    missing_attachments: usize,
    disconnecting: bool,
    /// The server has broken the rules itself, and cannot tell any more what the client may think.
    unfair: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Membership {
    Asked,
    Member,
}

impl StrictServer {
    /// Whether the server may answer a CONNECT for that namespace.
    pub fn was_asked(&self, namespace: &str) -> bool {
        self.namespaces.get(namespace) == Some(&Membership::Asked)
    }

    /// A frame goes to the client.
    pub fn sends(&mut self, text: &str) {
        if text.starts_with('0') {
            self.open = true;
        }
        let Some((header, json)) = text.strip_prefix('4').and_then(|packet| Header::decode(packet).ok())
        else {
            return;
        };
        // A server of version 2 names no session, and is left without a DISCONNECT.
        let content = Content::decode(&header, json, Values::default());
        self.unfair |= matches!(content, Ok(Content::Connect { session_id: None, .. }));
        let namespace = header.namespace.into_owned();
        match header.kind {
            Kind::Connect if self.was_asked(&namespace) => {
                self.namespaces.insert(namespace, Membership::Member);
            }
            Kind::ConnectError | Kind::Disconnect => {
                self.namespaces.remove(&namespace);
            }
            Kind::Connect | Kind::Event | Kind::Ack => {}
        }
    }

    /// A frame came from the client.
    pub fn receives(&mut self, frame: &Frame) {
        assert!(self.open, "{frame:?} sent before the open packet or after the end");
        let text = match frame {
            Frame::Binary(_) => {
                assert_ne!(self.missing_attachments, 0, "an attachment of nothing");
                self.missing_attachments -= 1;
                return;
            }
            Frame::Text(text) => text,
        };
        assert_eq!(self.missing_attachments, 0, "S20: {text} between a header and its attachments");
        // With room left, sharing it would cost an allocation.
        assert_eq!(text.capacity(), text.len(), "{text} has room left");
        if text == "3" {
            return;
        }
        let packet = text.strip_prefix('4').unwrap_or_else(|| panic!("{text} is no message"));
        let (header, json) = Header::decode(packet).unwrap_or_else(|error| panic!("{text}: {error}"));
        self.missing_attachments = header.attachments;
        if self.unfair {
            return;
        }
        let namespace = header.namespace.into_owned();
        let membership = self.namespaces.get(&namespace).copied();
        match header.kind {
            Kind::Connect => {
                assert_eq!(membership, None, "S9: a second CONNECT for {namespace}");
                assert!(json.is_empty() || json.starts_with('{'), "{json} is no auth");
                self.namespaces.insert(namespace, Membership::Asked);
            }
            Kind::Disconnect => {
                assert_eq!(json, "", "a DISCONNECT with a payload");
                self.disconnecting |= membership == Some(Membership::Asked);
                self.namespaces.remove(&namespace);
            }
            Kind::Event | Kind::Ack => {
                assert!(json.starts_with('['), "{text} has no array");
                assert_eq!(membership, Some(Membership::Member), "S9: {text} outside its namespace");
                assert!(
                    !self.disconnecting,
                    "{text} after the DISCONNECT of a namespace that was not joined"
                );
            }
            Kind::ConnectError => panic!("a client sent {text}"),
        }
    }

    /// The client closed, or the connection broke.
    pub fn closes(&mut self) {
        *self = Self::default();
    }
}
