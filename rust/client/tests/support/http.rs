//! A scripted HTTP server: the test answers each request when it likes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::{Game, PATIENCE, Peer, accepting_answer, read_head};

/// A handshake that offers a WebSocket.
pub const OPEN_WITH_UPGRADE: &str =
    r#"0{"sid":"engine","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;

/// Takes the requests of all its connections.
pub struct Http {
    pub port: u16,
    requests: Receiver<Request>,
    /// Those that came while another kind was awaited.
    passed_over: Vec<Request>,
}

/// A request that waits for its answer.
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
    /// The number of its connection.
    pub connection: usize,
    stream: TcpStream,
    done: Sender<Keep>,
}

/// Whether a connection serves another request.
enum Keep {
    Open,
    Closed,
    /// It is the test's now.
    Given,
}

impl Http {
    /// Serves until the process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (stream, sender) = (stream.unwrap(), sender.clone());
                thread::spawn(move || serve(stream, number, &sender));
            }
        });
        Self { port, requests, passed_over: Vec::new() }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next GET for long-polling.
    #[track_caller]
    pub fn get(&mut self) -> Request {
        self.next("a GET", |request| request.is_poll("GET"))
    }

    /// The next POST, and its body.
    #[track_caller]
    pub fn post(&mut self) -> (Request, String) {
        let request = self.next("a POST", |request| request.is_poll("POST"));
        let body = String::from_utf8(request.body.clone()).unwrap();
        (request, body)
    }

    /// Answers the next POST, which has to have this body.
    #[track_caller]
    pub fn expect_post(&mut self, body: &str) {
        let (request, posted) = self.post();
        assert_eq!(posted, body);
        request.answer("ok");
    }

    /// The next request for a WebSocket.
    #[track_caller]
    pub fn websocket(&mut self) -> Request {
        self.next("a WebSocket", |request| request.head.contains("\r\nUpgrade: websocket\r\n"))
    }

    /// Refuses the WebSocket, as a server that has none does, and answers the handshake.
    #[track_caller]
    pub fn welcome(&mut self, open: &str) {
        self.refuse_websocket();
        self.get().answer(open);
    }

    /// Lets the client join `/` by long-polling. Returns the GET that waits.
    #[track_caller]
    pub fn join(&mut self, open: &str) -> Request {
        self.welcome(open);
        self.expect_post("40");
        self.get().answer(super::JOINED);
        self.get()
    }

    #[track_caller]
    pub fn refuse_websocket(&mut self) {
        let refusal =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 17\r\n\r\nTransport unknown";
        self.websocket().close_with(refusal);
    }

    /// Fails when a request comes, for a moment.
    #[track_caller]
    pub fn expect_silence(&mut self) {
        if let Some(request) = self.passed_over.first() {
            panic!("not asked for: {}", request.head);
        }
        if let Ok(request) = self.requests.recv_timeout(Duration::from_millis(150)) {
            panic!("not asked for: {}", request.head);
        }
    }

    #[track_caller]
    fn next(&mut self, what: &str, wanted: impl Fn(&Request) -> bool) -> Request {
        if let Some(position) = self.passed_over.iter().position(&wanted) {
            return self.passed_over.remove(position);
        }
        loop {
            let Ok(request) = self.requests.recv_timeout(PATIENCE) else {
                panic!("waited in vain for {what}")
            };
            if wanted(&request) {
                return request;
            }
            self.passed_over.push(request);
        }
    }
}

impl Request {
    /// Path and query.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Answers 200 with this body.
    pub fn answer(self, body: impl AsRef<[u8]>) {
        self.answer_with("200 OK", "", body);
    }

    pub fn answer_with(mut self, status: &str, headers: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        self.stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        self.done.send(Keep::Open).unwrap();
    }

    /// Sends these bytes, and closes the connection.
    pub fn close_with(mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self.done.send(Keep::Closed).unwrap();
    }

    /// Answers 200 in chunks, one for each text that is sent to it, until there are no more.
    pub fn answer_in_chunks(mut self) -> Chunks {
        self.stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        Chunks(self)
    }

    /// Opens the WebSocket that was asked for.
    pub fn open(mut self) -> Peer<TcpStream> {
        self.stream.write_all(accepting_answer(&self.head, "Upgrade").as_bytes()).unwrap();
        self.done.send(Keep::Given).unwrap();
        Peer {
            socket: tungstenite::WebSocket::from_raw_socket(
                self.stream,
                tungstenite::protocol::Role::Server,
                None,
            ),
        }
    }

    fn is_poll(&self, method: &str) -> bool {
        self.head.starts_with(method) && self.target().contains("transport=polling")
    }
}

/// A body that is sent piece by piece.
pub struct Chunks(Request);

impl Chunks {
    pub fn send(&mut self, text: &str) {
        self.0.stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).unwrap();
    }

    pub fn end(mut self) {
        self.0.stream.write_all(b"0\r\n\r\n").unwrap();
        self.0.done.send(Keep::Open).unwrap();
    }
}

/// A game that has joined `/` by long-polling, and the GET that waits.
pub fn joined(http: &mut Http, open: &str) -> (Game, Request) {
    joined_by(Game::start(), http, open)
}

/// The same with a game of its own settings.
pub fn joined_by(mut game: Game, http: &mut Http, open: &str) -> (Game, Request) {
    game.connect(&http.url());
    let get = http.join(open);
    game.expect_joined();
    (game, get)
}

fn serve(mut stream: TcpStream, connection: usize, requests: &Sender<Request>) {
    stream.set_nodelay(true).unwrap();
    let mut first = [0];
    while stream.peek(&mut first).is_ok_and(|read| read > 0) {
        let head = read_head(&mut stream);
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).unwrap();
        let (done, keep) = channel();
        let request = Request { head, body, connection, stream: stream.try_clone().unwrap(), done };
        if requests.send(request).is_err() {
            return;
        }
        match keep.recv() {
            Ok(Keep::Open) => {}
            Ok(Keep::Given) => return,
            Ok(Keep::Closed) | Err(_) => {
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    }
}
