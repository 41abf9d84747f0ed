//! Why a value cannot be sent, and where it stands.

use std::fmt::{self, Write as _};

use godot::builtin::{AnyArray, AnyDictionary, Variant, VariantType};
use godot::classes::Object;
use godot::global::is_same;
use godot::obj::Gd;
use socketio_protocol::values::MAX_DEPTH;

/// How many steps of a path an error names.
const MAX_STEPS: usize = 16;

/// A value that has no place in JSON, and where it is.
#[derive(Debug)]
pub(crate) struct EncodeError {
    /// From the outermost container to the value, in reverse: it is built while the encoder returns.
    path: Vec<Step>,
    problem: Problem,
}

/// One step into a container.
#[derive(Debug)]
pub(super) enum Step {
    Index(usize),
    Key(String),
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) enum Problem {
    Object(Variant),
    Type(VariantType),
    Cycle,
    TooDeep,
    Binary,
}

impl EncodeError {
    pub(super) fn new(problem: Problem) -> Self {
        Self { path: Vec::new(), problem }
    }

    /// The same error, seen from the container that holds the value.
    pub(super) fn inside(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The error as a sentence, with the path starting at `root`.
    pub(crate) fn describe(&self, root: &str) -> String {
        let mut place = String::from(root);
        for step in self.path.iter().rev().take(MAX_STEPS) {
            // Writing to a String cannot fail.
            let _ = write!(place, "{step}");
        }
        if self.path.len() > MAX_STEPS {
            place.push_str("[...]");
        }
        match &self.problem {
            Problem::Object(object) => format!("{place} is {}", describe_object(object)),
            Problem::Type(kind) => format!("{place} is a {}", describe_type(*kind)),
            Problem::Cycle => format!(
                "{place} contains itself: send the name or the id of what is sent already in its place"
            ),
            Problem::TooDeep => {
                format!("{place} is nested deeper than {MAX_DEPTH} levels: put less into each other")
            }
            Problem::Binary => format!(
                "{place} is a PackedByteArray, which cannot be sent here: send it as text, with Marshalls.raw_to_base64()"
            ),
        }
    }
}

/// What kind of object somebody wanted to send, and what to send.
fn describe_object(object: &Variant) -> String {
    let Ok(object) = object.try_to::<Gd<Object>>() else {
        return "an Object that was freed: ask is_instance_valid() before sending".into();
    };
    let class = object.get_class();
    // Not every library knows the class Script.
    let script = object.clone().call("get_script", &[]).try_to::<Gd<Object>>();
    let own = script.map(|mut script| script.call("get_global_name", &[]).stringify()).unwrap_or_default();
    let kind = if own.is_empty() { class.to_string() } else { format!("{own} ({class})") };
    let name = if object.is_class("Node") { ", or its name" } else { "" };
    format!("an Object, a {kind}: send its properties, e.g. in a Dictionary{name}")
}

/// What kind of value somebody wanted to send, and what to send.
fn describe_type(kind: VariantType) -> String {
    let advice = match kind {
        VariantType::CALLABLE => "send what it returns, or the name of its method",
        VariantType::SIGNAL => "send its name, or emit an event when it is emitted",
        VariantType::RID => "it means nothing outside of this process; send an id of the game's own",
        _ => "send what it consists of, e.g. in a Dictionary",
    };
    format!("{}: {advice}", godot::global::type_string(i64::from(kind.ord)))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) if is_identifier(key) => write!(f, ".{key}"),
            Self::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
}

impl EncodeError {
    /// Tells a container that contains itself from one that is only nested too deeply, by walking the path again.
    pub(super) fn or_cycle(mut self, root: &Variant) -> Self {
        if !matches!(self.problem, Problem::TooDeep) {
            return self;
        }
        let mut seen = vec![root.clone()];
        let steps = self.path.len();
        for taken in 1..=steps {
            let (Some(container), Some(step)) = (seen.last(), self.path.get(steps - taken)) else {
                return self;
            };
            let Some(inner) = step.follow(container) else {
                return self;
            };
            if seen.iter().any(|outer| is_same(outer, &inner)) {
                self.path.drain(..steps - taken);
                self.problem = Problem::Cycle;
                return self;
            }
            seen.push(inner);
        }
        self
    }
}

impl Step {
    fn follow(&self, container: &Variant) -> Option<Variant> {
        match self {
            Self::Index(index) => container.try_to::<AnyArray>().ok()?.get(*index),
            Self::Key(key) => container
                .try_to::<AnyDictionary>()
                .ok()?
                .iter_shared()
                .find_map(|(name, value)| (name.stringify().to_string() == *key).then_some(value)),
        }
    }
}
