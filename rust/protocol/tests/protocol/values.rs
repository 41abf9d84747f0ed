//! Received JSON.

use bytes::Bytes;
use socketio_protocol::values::{MAX_DEPTH, MAX_VALUES};
use socketio_protocol::{Node, Values};

use crate::render;

fn parse(json: &str) -> Values {
    Values::from_json_array(json, Vec::new()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn single(json: &str) -> Node {
    let values = parse(&format!("[{json}]"));
    assert_eq!(values.len(), 1);
    let [node] = values.nodes() else { panic!("{json} is more than one node") };
    *node
}

fn string(json: &str) -> String {
    let values = parse(&format!("[{json}]"));
    let [Node::String(span)] = *values.nodes() else { panic!("{json} is no string") };
    values.text(span).to_owned()
}

#[test]
fn integers_to_the_ends_of_64_bits() {
    for value in [0, 1, -1, i64::from(i32::MAX) + 1, (1 << 53) + 1, i64::MAX, i64::MIN] {
        assert_eq!(single(&value.to_string()), Node::Int(value));
    }
}

#[test]
fn other_numbers_are_floats() {
    for (json, value) in [
        ("9223372036854775808", 9_223_372_036_854_775_808.0),
        ("18446744073709551615", 18_446_744_073_709_551_615.0),
        ("18446744073709551616", 18_446_744_073_709_551_616.0),
        ("-9223372036854775809", -9_223_372_036_854_775_809.0),
        ("1.0", 1.0),
        ("1e2", 100.0),
        ("1E-2", 0.01),
        ("-0.0", -0.0),
        ("1e-400", 0.0),
    ] {
        assert_eq!(single(json), Node::Float(value), "{json}");
    }
    let Node::Float(zero) = single("-0.0") else { panic!("-0.0 is no float") };
    assert!(zero.is_sign_negative());
    assert_eq!(single("-0"), Node::Int(0));
}

#[test]
fn numbers_beyond_floats_are_an_error() {
    assert!(Values::from_json_array("[1e400]", Vec::new()).is_err());
}

#[test]
fn floats_round_trip() {
    let mut bits: u64 = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..20_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = f64::from_bits(bits);
        if value.is_finite() {
            let json = format!("{value:?}");
            assert_eq!(single(&json), Node::Float(value), "{json}");
        }
    }
    for value in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1 + 0.2] {
        assert_eq!(single(&format!("{value:?}")), Node::Float(value));
    }
}

#[test]
fn strings_with_escapes_emoji_and_nothing() {
    assert_eq!(string(r#""""#), "");
    assert_eq!(string(r#""\"\\\/\b\f\n\r\t\u00e9""#), "\"\\/\u{8}\u{c}\n\r\té");
    assert_eq!(string("\"😀\u{10ffff}\""), "😀\u{10ffff}");
    assert_eq!(string(r#""\ud83d\ude00""#), "😀");
}

#[test]
fn nul_becomes_the_replacement_character() {
    assert_eq!(string(r#""a\u0000b\u0000""#), "a\u{fffd}b\u{fffd}");
    assert_eq!(render::values(&parse(r#"[{"\u0000":1}]"#)), "[{\"\u{fffd}\":1}]");
}

#[test]
fn lone_surrogates_become_the_replacement_character() {
    assert_eq!(string(r#""\ud800""#), "\u{fffd}");
    assert_eq!(string(r#""a\udc00b\ud83d\ude00\ud83d""#), "a\u{fffd}b😀\u{fffd}");
    assert_eq!(render::values(&parse(r#"[{"\udfff":"\\ud800"}]"#)), "[{\"\u{fffd}\":\"\\\\ud800\"}]");
}

#[test]
fn containers_keep_order_and_may_be_empty() {
    for json in
        ["[]", "[[],{}]", r#"[{"b":1,"a":{"d":[],"c":{}}},[[[null]],true,false]]"#, r#"[1,-2,3.5,"x",null]"#]
    {
        assert_eq!(render::values(&parse(json)), json);
    }
}

#[test]
fn containers_stand_before_their_contents() {
    let values = parse(r#"[{"a":[1,2]},3]"#);
    assert_eq!(values.len(), 2);
    let [Node::Object(1), Node::Key(key), Node::Array(2), Node::Int(1), Node::Int(2), Node::Int(3)] =
        *values.nodes()
    else {
        panic!("{:?}", values.nodes());
    };
    assert_eq!(values.text(key), "a");
}

#[test]
fn duplicate_keys_are_kept() {
    let json = r#"[{"a":1,"b":2,"a":3}]"#;
    assert_eq!(render::values(&parse(json)), json);
}

#[test]
fn as_many_as_allowed_and_no_more() {
    // The array is a value too.
    let values = |count: usize| format!("[{}0]", "0,".repeat(count - 2));
    assert_eq!(parse(&values(MAX_VALUES)).len(), MAX_VALUES - 1);
    let error = Values::from_json_array(&values(MAX_VALUES + 1), Vec::new()).unwrap_err().to_string();
    assert!(error.contains("more than 4194304 values"), "{error}");
}

#[test]
fn as_deep_as_allowed_and_no_deeper() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = |depth: usize| {
            let inner = depth - 1;
            format!("[{}1{}]", open.repeat(inner), close.repeat(inner))
        };
        let deepest = nested(MAX_DEPTH);
        assert_eq!(render::values(&parse(&deepest)), deepest);
        let error = Values::from_json_array(&nested(MAX_DEPTH + 1), Vec::new()).unwrap_err().to_string();
        assert!(error.contains("128 levels"), "{error}");
        assert!(Values::from_json_array(&nested(1_000_000), Vec::new()).is_err());
    }
}

#[test]
fn only_arrays_hold_values() {
    for json in ["", "{}", "1", r#""a""#, "null", "[1", "[1] 2", "[1,]"] {
        assert!(Values::from_json_array(json, Vec::new()).is_err(), "{json}");
    }
}

#[test]
fn attachments_come_in_at_any_depth() {
    let attachments = vec![Bytes::from_static(b"zero"), Bytes::from_static(b"one")];
    let json = r#"[{"_placeholder":true,"num":1},{"x":[{"_placeholder":true,"num":0}],"y":"_placeholder"}]"#;
    let values = Values::from_json_array(json, attachments).unwrap();
    assert_eq!(render::values(&values), r#"[<one>,{"x":[<zero>],"y":"_placeholder"}]"#);
    assert_eq!(values.attachment(2), Bytes::new());
}

#[test]
fn values_are_equal_by_what_they_say() {
    assert_eq!(parse(r#"["a",{"b":1}]"#), parse(r#" [ "\u0061" , {"b":1} ] "#));
    for other in
        [r#"["a",{"b":2}]"#, r#"["a",{"c":1}]"#, r#"["b",{"b":1}]"#, r#"["a"]"#, r#"["a",{"b":1},1]"#, "[]"]
    {
        assert_ne!(parse(r#"["a",{"b":1}]"#), parse(other), "{other}");
    }
}

#[test]
fn the_size_counts_texts_and_attachments() {
    let small = parse("[]").size();
    assert!(parse(&format!("[\"{}\"]", "x".repeat(1000))).size() >= small + 1000);
    let values = Values::from_json_array("[]", vec![Bytes::from_static(&[0; 1000])]).unwrap();
    assert!(values.size() >= small + 1000);
}
