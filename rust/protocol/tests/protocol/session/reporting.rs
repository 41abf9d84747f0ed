use socketio_protocol::{Command, Delivery, Emit};

use crate::pair::{Pair, payload};

fn emit_reported(pair: &mut Pair, json: &str, attachments: &[&'static str], delivery: Delivery) {
    let (namespace, payload) = ("/".into(), payload(json, attachments));
    pair.command(Command::Emit(Emit { namespace, payload, ack: None, delivery, report: true }));
}

#[test]
fn an_event_is_reported_when_it_is_sent() {
    let mut pair = Pair::reconnecting(&["/"]);
    emit_reported(&mut pair, r#"["now",1,{"_placeholder":true,"num":0}]"#, &["x"], Delivery::Once);
    assert_eq!(
        pair.log(),
        [r#"send 451-["now",1,{"_placeholder":true,"num":0}]"#, "send <x>", "emitted / now [1,<x>]"]
    );
    pair.transport_closes();
    pair.log();
    emit_reported(&mut pair, r#"["later"]"#, &[], Delivery::Once);
    emit_reported(&mut pair, r#"["never"]"#, &[], Delivery::Volatile);
    assert!(pair.log().is_empty());
    pair.come_back();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["later"]"#, "emitted / later []", "joined /#1"]);
}

#[test]
fn each_try_is_reported() {
    let mut pair = Pair::joined(&["/"]);
    let timeout = Some(std::time::Duration::from_secs(1));
    emit_reported(&mut pair, r#"["a"]"#, &[], Delivery::Retried { retries: 1, timeout });
    pair.advance_seconds(1);
    assert_eq!(pair.log(), [r#"send 420["a"]"#, "emitted / a []", r#"send 421["a"]"#, "emitted / a []"]);
}
