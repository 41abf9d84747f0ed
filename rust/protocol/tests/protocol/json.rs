//! The JSON parser next to serde_json, over texts that are right, and texts with a fault.

use serde_json::Value;
use socketio_protocol::Values;

use crate::choices::{Choices, Seeded};
use crate::render;

const TEXTS: u64 = 30_000;

#[test]
fn what_serde_json_reads_is_read_alike_and_nothing_else() {
    let mut random = Seeded(2024);
    let (mut read, mut refused) = (0, 0);
    for number in 0..TEXTS {
        let mut text = String::new();
        array(&mut random, &mut text, 0);
        if number % 2 == 1 {
            text = damaged(&mut random, &text);
        }
        match (Values::from_json_array(&text, Vec::new()), serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(comparable(reread(&ours)), comparable(theirs), "{text}");
                read += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            (Err(_), Ok(theirs)) => assert!(!theirs.is_array(), "refused: {text}"),
            (Ok(_), Err(error)) => {
                let read = serde_json::from_str::<Value>(&without_surrogates(&text)).is_ok();
                assert!(read, "read, although {error}: {text}");
            }
        }
    }
    assert!(read > TEXTS / 2 && refused > TEXTS / 10, "{read} were read, {refused} refused");
}

/// By way of a text that both write alike.
fn reread(values: &Values) -> Value {
    serde_json::from_str(&render::values(values)).unwrap()
}

/// With integers that fit an `u64` only as floats, and without the sign that serde_json gives `-0`.
fn comparable(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => 0.into(),
        Value::Number(number) if number.as_i64().is_none() => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(comparable).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, comparable(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

/// The text with each escape of a surrogate, lone or not, as that of U+FFFD.
fn without_surrogates(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut output = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..4).unwrap_or_default();
        let is_surrogate = u16::from_str_radix(digits, 16).is_ok_and(|unit| (0xD800..0xE000).contains(&unit));
        let part = if is_surrogate { format!("fffd{}", &part[4..]) } else { part.to_owned() };
        output.push_str("\\u");
        output.push_str(&part);
    }
    output
}

fn array(random: &mut Seeded, text: &mut String, depth: u64) {
    text.push('[');
    for index in 0..random.below(5) {
        if index > 0 {
            text.push(',');
        }
        value(random, text, depth + 1);
    }
    text.push(']');
}

fn object(random: &mut Seeded, text: &mut String, depth: u64) {
    text.push('{');
    for index in 0..random.below(5) {
        if index > 0 {
            text.push(',');
        }
        space(random, text);
        string(random, text);
        space(random, text);
        text.push(':');
        value(random, text, depth + 1);
    }
    text.push('}');
}

fn value(random: &mut Seeded, text: &mut String, depth: u64) {
    space(random, text);
    match random.below(if depth < 5 { 8 } else { 6 }) {
        0 => text.push_str(random.pick(&["null", "true", "false"])),
        1 | 2 => string(random, text),
        3..6 => number(random, text),
        6 => array(random, text, depth),
        _ => object(random, text, depth),
    }
    space(random, text);
}

fn number(random: &mut Seeded, text: &mut String) {
    let sign = random.pick(&["", "-"]);
    match random.below(4) {
        0 => text.push_str(&format!("{sign}{}", random.below(1000) + 1)),
        1 => text.push_str(&format!("{sign}{}", random.below(u64::MAX) + 1)),
        2 => text.push_str(&format!("{sign}{}.{}", random.below(1000), random.below(10_000_000))),
        _ => {
            let exponent = i64::try_from(random.below(600)).unwrap() - 330;
            let letter = random.pick(&["e", "E", "e+"]);
            let exponent = if letter == "e+" { exponent.abs() } else { exponent };
            text.push_str(&format!(
                "{sign}{}.{}{letter}{exponent}",
                random.below(10),
                random.below(u64::MAX)
            ));
        }
    }
}

fn string(random: &mut Seeded, text: &mut String) {
    text.push('"');
    for _ in 0..random.below(20) {
        text.push_str(random.pick(&[
            "a",
            "B",
            "7",
            " ",
            "/",
            "é",
            "😀",
            "\u{7f}",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\u00e9",
            "\\uD83D\\ude00",
            "\\b\\f\\r\\t",
            "longer than eight",
        ]));
    }
    text.push('"');
}

fn space(random: &mut Seeded, text: &mut String) {
    if random.below(8) == 0 {
        text.push_str(random.pick(&[" ", "\n", "\r\n\t"]));
    }
}

/// The text with one character more, less, or another.
fn damaged(random: &mut Seeded, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = usize::try_from(random.below(characters.len() as u64)).unwrap();
    let other = random
        .pick(&['[', ']', '{', '}', ',', ':', '"', '\\', '1', '.', 'e', '+', 'x', '\n', '\u{1}', '\u{a0}']);
    match random.below(3) {
        0 => characters[at] = other,
        1 => characters.insert(at, other),
        _ => drop(characters.remove(at)),
    }
    characters.into_iter().collect()
}
