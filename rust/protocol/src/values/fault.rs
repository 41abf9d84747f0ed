//! What is wrong with a JSON text.

use std::fmt;

use super::{MAX_DEPTH, MAX_VALUES};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    End,
    Value,
    Array,
    Object,
    Key,
    Colon,
    Control,
    Escape,
    Number,
    OutOfRange,
    TooDeep,
    TooMany,
    TooLong,
    Placeholder,
    Trailing,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("it ends too early"),
            Self::Value => f.write_str("it has something that is no value"),
            Self::Array => f.write_str("it has an array without \",\" or \"]\" after a value"),
            Self::Object => f.write_str("it has an object without \",\" or \"}\" after a value"),
            Self::Key => f.write_str("it has an object with a key that is no text"),
            Self::Colon => f.write_str("it has an object without \":\" after a key"),
            Self::Control => f.write_str("it has a control character in a text"),
            Self::Escape => f.write_str("it has an unknown escape in a text"),
            Self::Number => f.write_str("it has a malformed number"),
            Self::OutOfRange => f.write_str("it has a number too large for 64-bit floats"),
            Self::TooDeep => write!(f, "it is nested deeper than {MAX_DEPTH} levels"),
            Self::TooMany => write!(f, "it has more than {MAX_VALUES} values"),
            Self::TooLong => f.write_str("it is longer than 4 GiB"),
            Self::Placeholder => f.write_str("a placeholder in it names no attachment of the packet"),
            Self::Trailing => f.write_str("it has something after its end"),
        }
    }
}
