use arbitrary::{Arbitrary, Unstructured};
use socketio_protocol::{Endpoint, TransportName};

/// What nobody may see, in a user info and in a query.
const SECRET: &str = "sesame-8471";

/// What a developer types.
#[derive(Arbitrary, Debug)]
struct Typed<'a> {
    url: &'a str,
    with_secret: bool,
    path: Option<&'a str>,
    query: Vec<(&'a str, &'a str)>,
}

/// Whatever is typed, the request has one line and what belongs to it, and no secret shows in texts for people.
pub fn endpoint(data: &[u8]) {
    let Ok(typed) = Typed::arbitrary_take_rest(Unstructured::new(data)) else { return };
    if tells(typed.url) || typed.path.is_some_and(tells) {
        return;
    }
    let (scheme, rest) = typed.url.split_once("://").unwrap_or(("ws", typed.url));
    if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return;
    }
    let with_secret = format!("{scheme}://user:{SECRET}@{rest}");
    let endpoint = match Endpoint::parse(if typed.with_secret { &with_secret } else { typed.url }) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let message = error.to_string();
            return assert!(!message.contains(SECRET) && message.chars().count() < 400, "{message}");
        }
    };
    let endpoint = endpoint.with_query(typed.query.iter().chain([&("token", SECRET)]).copied());
    let endpoint = if let Some(path) = typed.path { endpoint.with_path(path) } else { endpoint };
    let shown = format!("{endpoint}{endpoint:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    let target = endpoint.target(TransportName::WebSocket, Some("a b&c"));
    for part in [
        &target,
        endpoint.host_header(),
        endpoint.authorization().unwrap_or("none").trim_start_matches("Basic "),
    ] {
        assert!(!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic()), "{typed:?}: {part:?}");
    }
    assert!(target.starts_with('/') && target.ends_with("EIO=4&transport=websocket&sid=a+b%26c"), "{target}");
    let (_, query) = target.split_once('?').unwrap();
    for own in ["EIO=", "transport=", "sid="] {
        assert_eq!(query.split('&').filter(|pair| pair.starts_with(own)).count(), 1, "{target}");
    }
    assert!(endpoint.port() > 0 && !endpoint.host().is_empty() && !endpoint.host().contains(['[', '/', '@']));
}

/// Whether somebody has typed the secret where it is none, perhaps in capitals or with characters that URLs lose.
fn tells(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.contains(SECRET.trim_start_matches("sesame-"))
}
