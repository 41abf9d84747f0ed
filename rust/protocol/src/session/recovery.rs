//! What is needed to get a session back after the connection was lost (S16).

use std::fmt::Write as _;

use super::offsets::Offsets;
use crate::Values;

/// A session that the server can restore. It shows nothing of itself in `Debug`: who knows the private id can take
/// the session over.
pub(super) struct Recovery {
    private_id: String,
    offsets: Offsets,
}

impl Recovery {
    pub(super) fn new(private_id: String) -> Self {
        Self { private_id, offsets: Offsets::default() }
    }

    pub(super) fn private_id(&self) -> &str {
        &self.private_id
    }

    /// The server has accepted a session with that private id. Returns whether it is this one,
    /// restored.
    pub(super) fn accepted(&mut self, private_id: String) -> bool {
        let restored = self.private_id == private_id;
        if restored {
            self.offsets.restored();
        } else {
            self.private_id = private_id;
            self.offsets.begin_session();
        }
        restored
    }

    /// Takes the offset off an event that the server has sent without asking for an
    /// acknowledgement. `now` is the time in milliseconds since 1970.
    pub(super) fn take_offset(&mut self, arguments: &mut Values, now: i64) {
        self.offsets.take(arguments, now);
    }

    /// Whether a text at the end of such an event would be taken off.
    pub(super) fn is_offset(&self, text: &str, has_others: bool, now: i64) -> bool {
        self.offsets.would_take(text, has_others, now)
    }

    /// The auth with what the server needs to restore the session. The game's own keys win.
    pub(super) fn add_to(&self, auth: Option<&str>) -> Box<str> {
        let auth = auth.unwrap_or("{}");
        let inside =
            auth.trim().strip_prefix('{').and_then(|auth| auth.strip_suffix('}')).unwrap_or_default();
        let mut text = String::from("{");
        for (key, value) in [("pid", Some(self.private_id.as_str())), ("offset", self.offsets.to_send())] {
            if let Some(value) = value
                && !has_key(auth, key)
            {
                // Writing to a String cannot fail.
                let _ = write!(text, "\"{key}\":{},", serde_json::Value::from(value));
            }
        }
        text.push_str(inside);
        if text.ends_with(',') {
            text.pop();
        }
        text.push('}');
        text.into_boxed_str()
    }
}

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recovery").finish_non_exhaustive()
    }
}

fn has_key(auth: &str, key: &str) -> bool {
    Values::from_json(auth, 0).is_ok_and(|auth| auth.field(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(recovery: &mut Recovery, json: &str) {
        recovery.take_offset(&mut Values::from_json_array(json, Vec::new()).unwrap(), 0);
    }

    #[test]
    fn s16_the_games_own_keys_win() {
        let mut recovery = Recovery::new("p\"1".into());
        assert_eq!(&*recovery.add_to(None), r#"{"pid":"p\"1"}"#);
        take(&mut recovery, r#"["o"]"#);
        assert_eq!(&*recovery.add_to(None), r#"{"pid":"p\"1","offset":"o"}"#);
        assert_eq!(&*recovery.add_to(Some(r#"{"token":"t"}"#)), r#"{"pid":"p\"1","offset":"o","token":"t"}"#);
        assert_eq!(&*recovery.add_to(Some(r#"{"pid":7,"a":{}}"#)), r#"{"offset":"o","pid":7,"a":{}}"#);
        assert_eq!(&*recovery.add_to(Some(r#"{"offset":1,"pid":2}"#)), r#"{"offset":1,"pid":2}"#);
        assert_eq!(&*recovery.add_to(Some("{}")), r#"{"pid":"p\"1","offset":"o"}"#);
    }

    #[test]
    fn the_private_id_is_not_shown() {
        assert!(!format!("{:?}", Recovery::new("secret".into())).contains("secret"));
    }
}
