//! The crate `rust_socketio`, with its blocking client.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Result, ensure};
use rust_socketio::client::Client;
use rust_socketio::{ClientBuilder, Payload, TransportType};
use serde_json::{Value, json};

use crate::measure;
use crate::options::{Event, Options, Task};

const LIMIT: Duration = Duration::from_secs(60);

pub fn run(options: &Options) -> Result<()> {
    match options.task {
        Task::Receive => {
            let count = Arc::new(Mutex::new(0));
            let (done, whole) = channel();
            let left = Arc::clone(&count);
            let socket = open(&options.url, |builder| {
                builder.on(options.event.name(), move |_, _| {
                    let mut left = left.lock().unwrap();
                    *left -= 1;
                    if *left == 0 {
                        let _ = done.send(());
                    }
                })
            })?;
            let burst = |size: usize| {
                *count.lock().unwrap() = size;
                socket.emit("burst", Payload::Text(vec![json!(options.kind), json!(size)]))?;
                Ok(whole.recv_timeout(LIMIT)?)
            };
            burst(options.count.div_ceil(10))?;
            measure::rate(options.count, || burst(options.count))?;
            Ok(socket.disconnect()?)
        }
        Task::Send => {
            let socket = open(&options.url, |builder| builder)?;
            send(&socket, &options.event, options.count.div_ceil(10))?;
            measure::rate(options.count, || send(&socket, &options.event, options.count))?;
            Ok(socket.disconnect()?)
        }
        Task::Ack => {
            let socket = open(&options.url, |builder| builder)?;
            measure::latency("ack", options.count, 50, || ask(&socket, "echo", vec![json!(1)]).map(drop))?;
            Ok(socket.disconnect()?)
        }
        Task::Connect => {
            measure::latency("connect", options.count, 2, || Ok(open(&options.url, |b| b)?.disconnect()?))
        }
        Task::Clients => {
            let sockets: Result<Vec<_>> = (0..options.count).map(|_| open(&options.url, |b| b)).collect();
            let _sockets = sockets?;
            measure::stay()
        }
    }
}

/// A client whose namespace is joined.
fn open(url: &str, with: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Client> {
    let (joined, is_joined) = channel();
    let builder = ClientBuilder::new(url).transport_type(TransportType::Websocket).reconnect(false).on(
        "open",
        move |_, _| {
            let _ = joined.send(());
        },
    );
    let socket = with(builder).connect()?;
    wait(&is_joined)?;
    Ok(socket)
}

fn send(socket: &Client, event: &Event, count: usize) -> Result<()> {
    for _ in 0..count {
        match event {
            Event::Json { arguments, .. } => socket.emit("sink", Payload::Text(arguments.clone()))?,
            Event::Binary { data, .. } => socket.emit("sink", Payload::Binary(data.clone().into()))?,
        }
    }
    let counted = ask(socket, "total", Vec::new())?;
    ensure!(counted.to_string().contains(&count.to_string()), "the server has counted {counted} of {count}");
    Ok(())
}

fn ask(socket: &Client, event: &str, data: Vec<Value>) -> Result<Value> {
    let (answered, answer) = channel();
    socket.emit_with_ack(event, Payload::Text(data), LIMIT, move |payload: Payload, _| {
        let values = match payload {
            Payload::Text(values) => values,
            _ => Vec::new(),
        };
        let _ = answered.send(Value::Array(values));
    })?;
    wait(&answer)
}

fn wait<T>(receiver: &Receiver<T>) -> Result<T> {
    Ok(receiver.recv_timeout(LIMIT)?)
}
