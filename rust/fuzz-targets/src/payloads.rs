use arbitrary::{Arbitrary, Unstructured};
use socketio_protocol::Frame;
use socketio_protocol::polling::{Body, BodyError, Splitter};

/// The body of an answer to long-polling.
#[derive(Arbitrary, Debug)]
struct Payload<'a> {
    max_packet: u8,
    /// The length of the pieces that it comes in, but for 1.
    piece: u8,
    body: &'a [u8],
}

/// The packets of a body are the same in whatever pieces it comes, and survive being sent back.
pub fn payloads(data: &[u8]) {
    let Ok(payload) = Payload::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let max_packet = usize::from(payload.max_packet);
    let frames = split(payload.body, usize::MAX, max_packet);
    assert_eq!(frames, split(payload.body, usize::from(payload.piece) + 1, max_packet), "{payload:?}");
    let (frames, Ok(())) = frames else { return };
    assert!(frames.iter().all(|frame| frame.len() <= max_packet), "{payload:?}");
    // An empty packet at the end is none.
    if frames.last().is_some_and(|frame| *frame == Frame::Text(String::new())) {
        return;
    }
    let mut body = Body::new(u64::MAX, usize::MAX);
    frames.iter().for_each(|frame| body.push(frame.clone()).unwrap());
    assert_eq!(split(&body.into_bytes(), usize::MAX, max_packet), (frames, Ok(())), "{payload:?}");
}

fn split(body: &[u8], piece: usize, max_packet: usize) -> (Vec<Frame>, Result<(), BodyError>) {
    let (mut splitter, mut frames) = (Splitter::new(max_packet), Vec::new());
    for piece in body.chunks(piece) {
        if let Err(error) = splitter.feed(piece, &mut frames) {
            return (frames, Err(error));
        }
    }
    let result = splitter.finish().map(|frame| frames.extend(frame));
    (frames, result)
}
