//! What the parts of the protocol cost: `cargo bench --package socketio-protocol`.
//!
//! They guard against a part that becomes slower. What a game pays is measured by `cargo xtask bench`.

mod joined;

use std::fmt::Write as _;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use socketio_protocol::attachment::Decoder;
use socketio_protocol::{Delivery, Emit, Input, Limits, Payload, Values};

use self::joined::Joined;

const SMALL: &str = r#"["move",{"id":17,"x":12.5,"y":-3.25,"vx":0.125,"vy":1.5,"name":"player seventeen"}]"#;
/// Events of one measurement of a session.
const EVENTS: u64 = 1_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    values(&mut criterion);
    attachments(&mut criterion);
    receiving(&mut criterion);
    emitting(&mut criterion);
    criterion.final_summary();
}

/// From JSON to values.
fn values(criterion: &mut Criterion) {
    let big = big();
    let mut group = criterion.benchmark_group("values");
    for (name, json) in [("small", SMALL), ("big", &big)] {
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Values::from_json_array(black_box(json), Vec::new()));
        });
    }
    group.finish();
}

/// A packet of ten attachments, put together and their placeholders filled in.
fn attachments(criterion: &mut Criterion) {
    let placeholders: Vec<String> =
        (0..10).map(|number| format!(r#"{{"_placeholder":true,"num":{number}}}"#)).collect();
    let text = format!(r#"510-["files",{}]"#, placeholders.join(","));
    let data = Bytes::from_static(&[7; 1024]);
    criterion.bench_function("ten attachments", |bencher| {
        let mut decoder = Decoder::new(Limits::default());
        bencher.iter(|| {
            let _ = black_box(decoder.text(black_box(&text)));
            for _ in 0..10 {
                let _ = black_box(decoder.binary(data.clone()));
            }
        });
    });
}

/// From WebSocket messages to events.
fn receiving(criterion: &mut Criterion) {
    let text = format!("42{SMALL}");
    let mut group = criterion.benchmark_group("session");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("receives events", |bencher| {
        let mut joined = Joined::new();
        bencher.iter(|| {
            for _ in 0..EVENTS {
                joined.input(Input::Text(black_box(&text)));
            }
        });
    });
    group.finish();
}

/// From emits to WebSocket messages, with and without attachments.
fn emitting(criterion: &mut Criterion) {
    let attachment = Bytes::from_static(&[7; 1024]);
    let mut group = criterion.benchmark_group("session");
    group.throughput(Throughput::Elements(EVENTS));
    for (name, json, attachments) in [
        ("emits events", SMALL, Vec::new()),
        ("emits attachments", r#"["file",{"_placeholder":true,"num":0}]"#, vec![attachment]),
    ] {
        group.bench_function(name, |bencher| {
            let mut joined = Joined::new();
            let emits = || {
                let payload = Payload { json: json.into(), attachments: attachments.clone() };
                (0..EVENTS).map(|_| emit(payload.clone())).collect::<Vec<Emit>>()
            };
            bencher.iter_batched(
                emits,
                |emits| emits.into_iter().for_each(|emit| joined.emit(emit)),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn emit(payload: Payload) -> Emit {
    Emit { namespace: "/".into(), payload, ack: None, delivery: Delivery::Once, report: false }
}

/// The state of a hundred entities.
fn big() -> String {
    let mut json = String::from(r#"["state",["#);
    for id in 0..100 {
        let comma = if id == 0 { "" } else { "," };
        let (x, y) = (f64::from(id) * 1.37, f64::from(id) * -3.25);
        // Writing to a String cannot fail.
        let _ = write!(
            json,
            r#"{comma}{{"id":{id},"x":{x},"y":{y},"vx":0.125,"vy":1.5,"name":"player number {id}"}}"#
        );
    }
    json + "]]"
}
