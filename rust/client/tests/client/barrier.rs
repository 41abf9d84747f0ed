//! A DISCONNECT waits until the server has read the events before it.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tungstenite::Error;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameSocket};

use crate::support::{Game, JOINED, OPEN, PATIENCE, Server, accepting_answer, read_head};

/// A server that answers no ping by itself.
struct Frames(FrameSocket<TcpStream>);

impl Frames {
    fn welcome(mut stream: TcpStream) -> Self {
        let request = read_head(&mut stream);
        io::Write::write_all(&mut stream, accepting_answer(&request, "Upgrade").as_bytes()).unwrap();
        let mut frames = Self(FrameSocket::new(stream));
        frames.0.send(Frame::message(OPEN, OpCode::Data(Data::Text), true)).unwrap();
        // The measurement of the round trip is left without an answer.
        while frames.next() != (OpCode::Data(Data::Text), "40".to_owned()) {}
        frames.0.send(Frame::message(JOINED, OpCode::Data(Data::Text), true)).unwrap();
        frames
    }

    /// The kind and the payload of the next frame.
    fn next(&mut self) -> (OpCode, String) {
        let frame = self.0.read(None).unwrap().unwrap();
        let mask = frame.header().mask.unwrap();
        let payload: Vec<_> =
            frame.payload().iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        (frame.header().opcode, String::from_utf8_lossy(&payload).into_owned())
    }

    /// The next frame that is not the measurement of the round trip, which is the first ping.
    fn next_packet(&mut self) -> (OpCode, String) {
        loop {
            match self.next() {
                (OpCode::Control(Control::Ping), payload) if payload.ends_with('\u{1}') => {}
                frame => return frame,
            }
        }
    }
}

fn text(payload: &str) -> (OpCode, String) {
    (OpCode::Data(Data::Text), payload.to_owned())
}

#[test]
fn a_disconnect_waits_for_the_pong() {
    let server = Server::raw(|stream| {
        let handle = stream.try_clone().unwrap();
        let mut frames = Frames::welcome(stream);
        assert_eq!(frames.next_packet(), text(r#"42["last words"]"#));
        let (kind, payload) = frames.next_packet();
        assert_eq!(kind, OpCode::Control(Control::Ping));
        handle.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        match frames.0.read(None) {
            // Windows calls a time-out by its name.
            Err(Error::Io(error)) => {
                assert!(
                    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
                    "{error}"
                );
            }
            other => panic!("the barrier let {other:?} pass"),
        }
        handle.set_read_timeout(Some(PATIENCE)).unwrap();
        let answered = Instant::now();
        frames.0.send(Frame::pong(payload)).unwrap();
        assert_eq!(frames.next_packet(), text("41"));
        assert_eq!(frames.next_packet().0, OpCode::Control(Control::Close));
        assert!(answered.elapsed() < Duration::from_millis(500), "it was not the pong that ended the wait");
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.emit(r#"["last words"]"#);
    game.close();
    server.join();
}

#[test]
fn a_server_that_answers_no_pings_delays_a_disconnect_for_a_second() {
    let server = Server::raw(|stream| {
        let mut frames = Frames::welcome(stream);
        assert_eq!(frames.next_packet(), text(r#"42["last words"]"#));
        let started = Instant::now();
        assert_eq!(frames.next_packet().0, OpCode::Control(Control::Ping));
        assert_eq!(frames.next_packet(), text("41"));
        assert_eq!(frames.next_packet().0, OpCode::Control(Control::Close));
        let took = started.elapsed();
        assert!((Duration::from_millis(700)..Duration::from_secs(3)).contains(&took), "it took {took:?}");
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.emit(r#"["last words"]"#);
    game.close();
    server.join();
}
