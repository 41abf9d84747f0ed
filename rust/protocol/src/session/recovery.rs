//! What is needed to get a session back after the connection was lost (S16).

use std::fmt::Write as _;

use crate::Values;

/// A session that the server can restore. It shows nothing of itself in `Debug`: who knows the private id can take
/// the session over.
pub(super) struct Recovery {
    private_id: String,
    offset: Option<String>,
    offsets: Offsets,
}

/// Which strings at the end of an event are offsets.
///
/// The server adds one to each event, but for volatile ones and those with an acknowledgement. Nothing marks it, and
/// the official client takes any string there for an offset; what a volatile event carries last would be cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offsets {
    /// All, of a server that is not the official one.
    Any,
    /// Those that have the form of one of the official adapters'.
    Official,
    /// Those of the same form as the first one.
    Like(Form),
}

/// The offsets of the official adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The in-memory adapter's: the time in milliseconds with 64 digits, and a counter after a dot where two of them
    /// fall into one millisecond.
    Yeast,
    /// The Redis streams adapter's: milliseconds, a hyphen and a counter.
    RedisStream,
    /// The MongoDB adapter's: 24 hexadecimal digits.
    ObjectId,
}

impl Recovery {
    pub(super) fn new(private_id: String) -> Self {
        let offsets = if is_official(&private_id) { Offsets::Official } else { Offsets::Any };
        Self { private_id, offset: None, offsets }
    }

    pub(super) fn private_id(&self) -> &str {
        &self.private_id
    }

    pub(super) fn is_of(&self, private_id: &str) -> bool {
        self.private_id == private_id
    }

    /// Takes the offset off an event that the server has sent without asking for an acknowledgement.
    pub(super) fn take_offset(&mut self, arguments: &mut Values) {
        let Some(last) = arguments.last_string().filter(|last| self.is_offset(last)) else { return };
        if let (Offsets::Official, Some(form)) = (self.offsets, Form::of(last)) {
            self.offsets = Offsets::Like(form);
        }
        self.offset = Some(last.to_owned());
        arguments.remove_last();
    }

    /// Whether a text at the end of such an event is an offset.
    pub(super) fn is_offset(&self, text: &str) -> bool {
        match self.offsets {
            Offsets::Any => true,
            Offsets::Official => Form::of(text).is_some(),
            Offsets::Like(known) => Form::of(text) == Some(known),
        }
    }

    /// The auth with what the server needs to restore the session. The game's own keys win.
    pub(super) fn add_to(&self, auth: Option<&str>) -> Box<str> {
        let auth = auth.unwrap_or("{}");
        let inside =
            auth.trim().strip_prefix('{').and_then(|auth| auth.strip_suffix('}')).unwrap_or_default();
        let mut text = String::from("{");
        for (key, value) in [("pid", Some(&self.private_id)), ("offset", self.offset.as_ref())] {
            if let Some(value) = value
                && !has_key(auth, key)
            {
                // Writing to a String cannot fail.
                let _ = write!(text, "\"{key}\":{},", serde_json::Value::from(value.as_str()));
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
        f.debug_struct("Recovery").field("offsets", &self.offsets).finish_non_exhaustive()
    }
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        /// The first of the seven digits, for the years 2013 to 2052.
        const YEAST_TIMES: std::ops::RangeInclusive<u8> = b'K'..=b'c';
        const YEAST_LENGTH: usize = 7;

        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_yeast = |text: &str| !text.is_empty() && text.bytes().all(is_base64_digit);
        if let Some((milliseconds, counter)) = text.split_once('-')
            && milliseconds.len() >= 10
            && is_number(milliseconds)
            && is_number(counter)
        {
            return Some(Self::RedisStream);
        }
        if text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(Self::ObjectId);
        }
        let (time, counter) = text.split_once('.').unwrap_or((text, "0"));
        let in_time = time.bytes().next().is_some_and(|first| YEAST_TIMES.contains(&first));
        let yeast = time.len() == YEAST_LENGTH && in_time && is_yeast(time) && is_yeast(counter);
        yeast.then_some(Self::Yeast)
    }
}

/// The official server's private ids are 15 random bytes.
fn is_official(private_id: &str) -> bool {
    private_id.len() == 20 && private_id.bytes().all(is_base64_digit)
}

fn is_base64_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn has_key(auth: &str, key: &str) -> bool {
    Values::from_json(auth, 0).is_ok_and(|auth| auth.field(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICIAL: &str = "Zx8-_rTn5YVbXq0AAAAB";

    fn take(recovery: &mut Recovery, json: &str) -> usize {
        let mut arguments = Values::from_json_array(json, Vec::new()).unwrap();
        recovery.take_offset(&mut arguments);
        arguments.len()
    }

    #[test]
    fn s16_the_offset_of_each_official_adapter_is_taken_off() {
        for offset in ["QAbx5hL", "QAbx5hL.0", "Q-_x5h0.1Z", "1700000000000-0", "65f0a1b2c3d4e5f6a7b8c9d0"] {
            let mut recovery = Recovery::new(OFFICIAL.into());
            assert_eq!(take(&mut recovery, &format!(r#"[1,"{offset}"]"#)), 1, "{offset}");
            assert_eq!(recovery.offset.as_deref(), Some(offset));
        }
    }

    #[test]
    fn s16_what_a_volatile_event_of_the_official_server_carries_stays() {
        let mut recovery = Recovery::new(OFFICIAL.into());
        for text in ["left", "running", "2024-01", "1", "", "a longer text", "deadbeef"] {
            assert_eq!(take(&mut recovery, &format!(r#"["{text}"]"#)), 1, "{text}");
        }
        assert_eq!(recovery.offset, None);
        assert_eq!(take(&mut recovery, r#"["1700000000000-0"]"#), 0);
        assert_eq!(take(&mut recovery, r#"["QAbx5hL"]"#), 1);
        assert_eq!(recovery.offset.as_deref(), Some("1700000000000-0"));
    }

    #[test]
    fn s16_any_string_is_an_offset_of_another_server() {
        let mut recovery = Recovery::new("pid".into());
        assert_eq!(take(&mut recovery, r#"[{"a":["x"]},"offset 1"]"#), 1);
        assert_eq!(recovery.offset.as_deref(), Some("offset 1"));
        for json in ["[]", "[1]", r#"["a",["b"]]"#, r#"["a",{"b":"c"}]"#, r#"["a",null]"#] {
            let len = Values::from_json_array(json, Vec::new()).unwrap().len();
            assert_eq!(take(&mut recovery, json), len, "{json}");
        }
        assert_eq!(recovery.offset.as_deref(), Some("offset 1"));
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
