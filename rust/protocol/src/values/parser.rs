//! JSON text to nodes, in one pass and without a tree in between (RFC 8259).

use super::number::{self, Number};
use super::{JsonError, MAX_DEPTH, MAX_VALUES, Node, Span, fault::Fault, string};

/// The bytes of JSON for a node, about: what events of small numbers and short keys take.
const BYTES_PER_NODE: usize = 6;

/// Parses one JSON value into `nodes` and `text`, which are empty. With attachments, placeholder objects become
/// [`Node::Attachment`]; without, they are objects like any other. Returns where the last element of the outermost array
/// is.
pub(super) fn parse(
    json: &str,
    attachments: usize,
    nodes: &mut Vec<Node>,
    text: &mut String,
) -> Result<usize, JsonError> {
    nodes.reserve(json.len() / BYTES_PER_NODE);
    // Most strings stand in the JSON as they are: to copy all of it at once is quicker than one after the other. Those
    // with escapes follow after it.
    text.push_str(json);
    let mut parser = Parser { json, at: 0, nodes, text, attachments, last: 0 };
    match parser.document() {
        Ok(()) => Ok(parser.last),
        Err(fault) => Err(JsonError::new(format!("{fault} at byte {}", parser.at))),
    }
}

struct Parser<'a> {
    json: &'a str,
    /// The next byte to look at.
    at: usize,
    nodes: &'a mut Vec<Node>,
    /// The JSON, and after it the strings that have escapes.
    text: &'a mut String,
    attachments: usize,
    /// Where the last element of the array that ended last is.
    last: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        self.value(0)?;
        self.skip_white_space();
        if self.peek().is_some() { Err(Fault::Trailing) } else { Ok(()) }
    }

    /// Parses the next value, at a depth of as many containers.
    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        if self.nodes.len() >= MAX_VALUES {
            return Err(Fault::TooMany);
        }
        self.skip_white_space();
        let node = match self.peek().ok_or(Fault::End)? {
            b'"' => Node::String(self.string()?),
            b'{' => return self.object(deeper(depth)?),
            b'[' => return self.array(deeper(depth)?),
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.literal("true", Node::Bool(true))?,
            b'f' => self.literal("false", Node::Bool(false))?,
            b'n' => self.literal("null", Node::Null)?,
            _ => return Err(Fault::Value),
        };
        self.nodes.push(node);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        let position = self.begin();
        let mut len: u32 = 0;
        self.advance();
        self.skip_white_space();
        if self.peek() == Some(b']') {
            self.advance();
            return self.finish(position, Node::Array(0));
        }
        loop {
            let element = self.nodes.len();
            self.value(depth)?;
            self.last = element;
            len = len.checked_add(1).ok_or(Fault::TooLong)?;
            if self.ends(b']', Fault::Array)? {
                return self.finish(position, Node::Array(len));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Fault> {
        let position = self.begin();
        let mut pairs: u32 = 0;
        let mut placeholder = Placeholder::default();
        self.advance();
        self.skip_white_space();
        if self.peek() == Some(b'}') {
            self.advance();
            return self.finish(position, Node::Object(0));
        }
        loop {
            self.skip_white_space();
            if self.peek() != Some(b'"') {
                return Err(Fault::Key);
            }
            let key = self.string()?;
            self.nodes.push(Node::Key(key));
            self.skip_white_space();
            if self.peek() != Some(b':') {
                return Err(Fault::Colon);
            }
            self.advance();
            let value = self.nodes.len();
            self.value(depth)?;
            if self.attachments > 0 {
                placeholder.see(self.text_of(key), self.nodes.get(value).copied());
            }
            pairs = pairs.checked_add(1).ok_or(Fault::TooLong)?;
            if self.ends(b'}', Fault::Object)? {
                break;
            }
        }
        if !placeholder.is_one {
            return self.finish(position, Node::Object(pairs));
        }
        let attachment = placeholder.attachment(self.attachments).ok_or(Fault::Placeholder)?;
        self.nodes.truncate(position);
        self.nodes.push(Node::Attachment(attachment));
        Ok(())
    }

    /// Writes a container's node before its length is known. Returns where.
    fn begin(&mut self) -> usize {
        let position = self.nodes.len();
        self.nodes.push(Node::Null);
        position
    }

    fn finish(&mut self, position: usize, container: Node) -> Result<(), Fault> {
        if let Some(node) = self.nodes.get_mut(position) {
            *node = container;
        }
        Ok(())
    }

    /// Goes past what follows a member of a container: its end, or a comma.
    fn ends(&mut self, end: u8, fault: Fault) -> Result<bool, Fault> {
        self.skip_white_space();
        let next = self.peek().ok_or(Fault::End)?;
        if next != end && next != b',' {
            return Err(fault);
        }
        self.advance();
        Ok(next == end)
    }

    fn string(&mut self) -> Result<Span, Fault> {
        let scanned = string::scan(self.json, self.at.saturating_add(1), self.text);
        match scanned {
            Ok((span, after)) => {
                self.at = after;
                Ok(span)
            }
            Err((fault, at)) => {
                self.at = at;
                Err(fault)
            }
        }
    }

    fn number(&mut self) -> Result<Node, Fault> {
        let (number, after) = number::scan(self.json, self.at)?;
        self.at = after;
        Ok(match number {
            Number::Int(value) => Node::Int(value),
            Number::Float(value) => Node::Float(value),
        })
    }

    fn literal(&mut self, literal: &str, node: Node) -> Result<Node, Fault> {
        let rest = self.json.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(literal.as_bytes()) {
            return Err(Fault::Value);
        }
        self.at = self.at.saturating_add(literal.len());
        Ok(node)
    }

    fn text_of(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.advance();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }
}

/// What an object says that stands for an attachment: `{"_placeholder":true,"num":0}`.
#[derive(Default)]
struct Placeholder {
    is_one: bool,
    number: Option<Node>,
}

impl Placeholder {
    fn see(&mut self, key: &str, value: Option<Node>) {
        match key {
            "_placeholder" => self.is_one = value == Some(Node::Bool(true)),
            "num" => self.number = value,
            _ => {}
        }
    }

    /// Its number, if there is an attachment of that number.
    fn attachment(&self, attachments: usize) -> Option<u32> {
        let Some(Node::Int(number)) = self.number else { return None };
        let within = usize::try_from(number).is_ok_and(|number| number < attachments);
        if within { u32::try_from(number).ok() } else { None }
    }
}

/// The depth of what is inside a container.
fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth < MAX_DEPTH { Ok(depth.saturating_add(1)) } else { Err(Fault::TooDeep) }
}
