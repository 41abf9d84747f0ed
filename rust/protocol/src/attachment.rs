//! Packets put together from a header and the attachments that follow it (S20).

use std::borrow::Cow;

use bytes::Bytes;

use crate::packet::{Content, Header, Packet, PacketError};
use crate::session::Limits;
use crate::values::Values;

/// Turns Socket.IO texts and binary data into whole packets. After an error it must not be used again, but
/// [`reset`](Self::reset) makes it fit for the next connection.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    incomplete: Option<Incomplete>,
    spare: Spare,
}

/// A packet whose attachments have not all come.
#[derive(Debug)]
struct Incomplete {
    packet: Packet<'static>,
    missing: usize,
    /// How many more bytes it may take.
    room: usize,
    /// Whether a heartbeat was the last thing that came.
    stalled: bool,
}

impl Decoder {
    /// A decoder that refuses what is larger than the limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, incomplete: None, spare: Spare::default() }
    }

    /// Takes values that nobody needs any more: what comes next is decoded into their memory.
    pub fn recycle(&mut self, values: Values) {
        self.spare.put(values);
    }

    /// Forgets a half-read packet (S19).
    pub fn reset(&mut self) {
        self.incomplete = None;
    }

    /// Takes a text. Returns the packet when no attachments belong to it.
    ///
    /// # Errors
    /// When it breaks a rule of S19 or passes a limit.
    pub fn text<'a>(&mut self, text: &'a str) -> Result<Option<Packet<'a>>, PacketError> {
        if let Some(Incomplete { missing, .. }) = self.incomplete {
            return Err(PacketError::AttachmentsMissing { missing });
        }
        let room = self.remaining(self.limits.max_payload, text.len())?;
        let (header, json) = Header::decode(text)?;
        if header.attachments > self.limits.max_attachments {
            let (count, limit) = (header.attachments, self.limits.max_attachments);
            return Err(PacketError::TooManyAttachments { count, limit });
        }
        let content = Content::decode(&header, json, self.spare.take())?;
        if header.attachments == 0 {
            return Ok(Some(Packet { namespace: header.namespace, content }));
        }
        let namespace = Cow::Owned(header.namespace.into_owned());
        let packet = Packet { namespace, content };
        self.incomplete = Some(Incomplete { packet, missing: header.attachments, room, stalled: false });
        Ok(None)
    }

    /// Takes an attachment. Returns the packet when it was the last one.
    ///
    /// # Errors
    /// When no attachment was expected, or the packet passes a limit.
    pub fn binary(&mut self, attachment: Bytes) -> Result<Option<Packet<'static>>, PacketError> {
        let Some(mut incomplete) = self.incomplete.take() else {
            return Err(PacketError::UnexpectedAttachment);
        };
        incomplete.room = self.remaining(incomplete.room, attachment.len())?;
        incomplete.missing = incomplete.missing.saturating_sub(1);
        incomplete.stalled = false;
        incomplete.packet.content.push_attachment(attachment);
        if incomplete.missing == 0 {
            return Ok(Some(incomplete.packet));
        }
        self.incomplete = Some(incomplete);
        Ok(None)
    }

    /// Takes note of a heartbeat, which bounds the time that attachments may take: a server sends them right after their
    /// packet, so that they stay away if two heartbeats come first.
    ///
    /// # Errors
    /// When it is the second one since something came of a packet that is not whole.
    pub fn heartbeat(&mut self) -> Result<(), PacketError> {
        match &mut self.incomplete {
            Some(Incomplete { missing, stalled: true, .. }) => {
                Err(PacketError::AttachmentsLate { missing: *missing })
            }
            Some(incomplete) => {
                incomplete.stalled = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn remaining(&self, room: usize, taken: usize) -> Result<usize, PacketError> {
        room.checked_sub(taken).ok_or(PacketError::TooLarge { limit: self.limits.max_payload })
    }
}

/// Values whose memory is used again, so that a stream of events needs none of its own.
#[derive(Debug, Default)]
struct Spare {
    values: Vec<Values>,
    /// The bytes of memory in them.
    capacity: usize,
}

impl Spare {
    /// How many bytes are kept: those of a few hundred small events.
    const MAX_CAPACITY: usize = 64 * 1024;

    fn put(&mut self, mut values: Values) {
        // Attachments may be large, and nobody has counted them.
        values.clear();
        let capacity = self.capacity.saturating_add(values.capacity());
        if capacity <= Self::MAX_CAPACITY {
            self.capacity = capacity;
            self.values.push(values);
        }
    }

    fn take(&mut self) -> Values {
        let values = self.values.pop().unwrap_or_default();
        self.capacity = self.capacity.saturating_sub(values.capacity());
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str, attachments: Vec<Bytes>) -> Values {
        Values::from_json_array(json, attachments).unwrap()
    }

    #[test]
    fn spare_values_keep_no_attachments() {
        let attachment = Bytes::from(vec![7; 1 << 20]);
        let mut spare = Spare::default();
        spare.put(values(r#"[{"_placeholder":true,"num":0}]"#, vec![attachment.clone()]));
        assert!(attachment.is_unique(), "it is still held");
        assert_eq!(spare.take(), Values::default());
    }

    #[test]
    fn room_for_attachments_counts() {
        let many = values("[1]", vec![Bytes::new(); 10_000]);
        assert!(many.size() >= 10_000 * size_of::<Bytes>(), "{} bytes", many.size());
        let mut spare = Spare::default();
        spare.put(many);
        assert!(spare.values.is_empty(), "room for 10,000 attachments was kept");
    }

    #[test]
    fn spare_values_have_a_bound() {
        let mut spare = Spare::default();
        spare.put(values(&format!("[\"{}\"]", "x".repeat(Spare::MAX_CAPACITY)), Vec::new()));
        assert_eq!(spare.capacity, 0);
        for _ in 0..10_000 {
            spare.put(values(r#"["abc",1]"#, Vec::new()));
        }
        assert!(spare.capacity <= Spare::MAX_CAPACITY && spare.values.len() > 100);
        while !spare.values.is_empty() {
            spare.take();
        }
        assert_eq!(spare.capacity, 0);
    }
}
