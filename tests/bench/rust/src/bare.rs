//! As little of a client as there can be: what the wire and the WebSocket library allow.

use std::net::TcpStream;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::measure;
use crate::options::{Event, Options, Task};

/// What the answer to the event `total` begins with: an ack of the id that it was sent with.
const TOTAL_ID: usize = 7;

pub fn run(options: &Options, with_json: bool) -> Result<()> {
    match options.task {
        Task::Receive => {
            let mut socket = Bare::open(&options.url)?;
            let mut burst = |count| socket.receive(options, count, with_json);
            burst(options.count.div_ceil(10))?;
            measure::rate(options.count, || burst(options.count))
        }
        Task::Send => {
            let mut socket = Bare::open(&options.url)?;
            socket.send(&options.event, options.count.div_ceil(10), with_json)?;
            measure::rate(options.count, || socket.send(&options.event, options.count, with_json))
        }
        Task::Ack => {
            let mut socket = Bare::open(&options.url)?;
            measure::latency("ack", options.count, 50, || {
                socket.text(format!(r#"42{TOTAL_ID}["echo",1]"#))?;
                socket.answer().map(drop)
            })
        }
        Task::Connect => measure::latency("connect", options.count, 2, || {
            let mut socket = Bare::open(&options.url)?;
            Ok(socket.0.close(None)?)
        }),
        Task::Clients => {
            let sockets: Result<Vec<_>> = (0..options.count).map(|_| Bare::open(&options.url)).collect();
            let _sockets = sockets?;
            measure::stay()
        }
    }
}

struct Bare(WebSocket<TcpStream>);

impl Bare {
    fn open(url: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("the URL is not http://HOST:PORT")?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let request = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = tungstenite::client(request, stream).map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut socket = Self(socket);
        socket.next_text("0")?;
        socket.text("40")?;
        socket.next_text("40")?;
        Ok(socket)
    }

    fn receive(&mut self, options: &Options, count: usize, with_json: bool) -> Result<()> {
        self.text(format!("42{}", json!(["burst", options.kind, count])))?;
        let mut left = count;
        while left > 0 {
            match (self.0.read()?, &options.event) {
                (Message::Text(text), _) if text.as_str() == "2" => self.text("3")?,
                (Message::Text(text), Event::Json { name, .. }) => {
                    let event = text.as_str().strip_prefix("42").context("no event")?;
                    if with_json {
                        let event: Value = serde_json::from_str(event)?;
                        ensure!(event[0] == name.as_str());
                    }
                    left -= 1;
                }
                (Message::Binary(data), Event::Binary { data: expected, .. }) => {
                    ensure!(data.len() == expected.len());
                    left -= 1;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn send(&mut self, event: &Event, count: usize, with_json: bool) -> Result<()> {
        match event {
            Event::Json { arguments, .. } => {
                let event: Vec<Value> =
                    [json!("sink")].into_iter().chain(arguments.iter().cloned()).collect();
                let made = format!("42{}", serde_json::to_string(&event)?);
                for _ in 0..count {
                    let text = if with_json {
                        format!("42{}", serde_json::to_string(&event)?)
                    } else {
                        made.clone()
                    };
                    self.0.write(Message::text(text))?;
                }
            }
            Event::Binary { data, .. } => {
                let data = tungstenite::Bytes::from(data.clone());
                for _ in 0..count {
                    self.0.write(Message::text(r#"451-["sink",{"_placeholder":true,"num":0}]"#))?;
                    self.0.write(Message::Binary(data.clone()))?;
                }
            }
        }
        self.text(format!(r#"42{TOTAL_ID}["total"]"#))?;
        let counted = self.answer()?;
        ensure!(counted == format!("[{count}]"), "the server has counted {counted} of {count}");
        Ok(())
    }

    /// The next acknowledgement.
    fn answer(&mut self) -> Result<String> {
        self.next_text(&format!("43{TOTAL_ID}"))
    }

    fn text(&mut self, text: impl Into<String>) -> Result<()> {
        Ok(self.0.send(Message::text(text.into()))?)
    }

    /// The rest of the next packet that begins so.
    fn next_text(&mut self, beginning: &str) -> Result<String> {
        loop {
            match self.0.read()? {
                Message::Text(text) if text.as_str() == "2" => self.text("3")?,
                Message::Text(text) => {
                    if let Some(rest) = text.as_str().strip_prefix(beginning) {
                        return Ok(rest.to_owned());
                    }
                }
                Message::Close(_) => bail!("the server has closed"),
                _ => {}
            }
        }
    }
}
