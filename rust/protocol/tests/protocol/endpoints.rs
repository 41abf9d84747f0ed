//! URLs as developers type them.

use socketio_protocol::{Endpoint, EndpointError, TransportName};

const SOCKET_IO: &str = "/socket.io/?EIO=4&transport=websocket";

fn target(endpoint: &Endpoint) -> String {
    endpoint.target(TransportName::WebSocket, None)
}

fn parse(url: &str) -> Endpoint {
    Endpoint::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

#[test]
fn s1_scheme_host_and_port() {
    for (url, secure, host, port, host_header) in [
        ("ws://localhost:3000", false, "localhost", 3000, "localhost:3000"),
        ("http://localhost", false, "localhost", 80, "localhost"),
        ("wss://example.com", true, "example.com", 443, "example.com"),
        ("https://example.com/", true, "example.com", 443, "example.com"),
        ("wss://example.com:443", true, "example.com", 443, "example.com"),
        ("ws://example.com:443", false, "example.com", 443, "example.com:443"),
        ("WS://EXAMPLE.com", false, "example.com", 80, "example.com"),
        ("  ws://127.0.0.1:8080\n", false, "127.0.0.1", 8080, "127.0.0.1:8080"),
        ("ws://[::1]:3000", false, "::1", 3000, "[::1]:3000"),
        ("wss://[2001:DB8::7]", true, "2001:db8::7", 443, "[2001:db8::7]"),
        ("ws://bücher.example", false, "xn--bcher-kva.example", 80, "xn--bcher-kva.example"),
        ("ws://user:pass@example.com:81", false, "example.com", 81, "example.com:81"),
    ] {
        let endpoint = parse(url);
        assert_eq!(endpoint.secure(), secure, "{url}");
        assert_eq!(endpoint.host(), host, "{url}");
        assert_eq!(endpoint.port(), port, "{url}");
        assert_eq!(endpoint.host_header(), host_header, "{url}");
        assert_eq!(target(&endpoint), SOCKET_IO, "{url}");
    }
}

#[test]
fn s1_a_path_is_a_prefix_and_a_query_comes_first() {
    for (url, wanted) in [
        ("ws://h/game", "/game/socket.io/?EIO=4&transport=websocket"),
        ("ws://h/game/", "/game/socket.io/?EIO=4&transport=websocket"),
        ("ws://h/a/b%20c/ü", "/a/b%20c/%C3%BC/socket.io/?EIO=4&transport=websocket"),
        ("ws://h/a/../b", "/b/socket.io/?EIO=4&transport=websocket"),
        ("ws://h?token=a%26b&x", "/socket.io/?token=a%26b&x&EIO=4&transport=websocket"),
        ("ws://h/game?x=1#fragment", "/game/socket.io/?x=1&EIO=4&transport=websocket"),
        ("ws://h/?", SOCKET_IO),
        ("ws://h/#a?b", SOCKET_IO),
        ("ws://h/?x=ü y", "/socket.io/?x=%C3%BC%20y&EIO=4&transport=websocket"),
    ] {
        assert_eq!(target(&parse(url)), wanted, "{url}");
    }
}

#[test]
fn a_url_that_is_whole_already_is_not_made_longer() {
    for url in [
        "ws://h/socket.io",
        "ws://h/socket.io/",
        "ws://h/socket.io/?EIO=4&transport=websocket",
        "ws://h/socket.io/?EIO=3&transport=polling&sid=abc",
    ] {
        assert_eq!(target(&parse(url)), SOCKET_IO, "{url}");
    }
    let target = target(&parse("ws://h/mysocket.io/"));
    assert_eq!(target, "/mysocket.io/socket.io/?EIO=4&transport=websocket");
}

#[test]
fn another_path() {
    for (url, path, wanted) in [
        ("ws://h", "/realtime/", "/realtime/?EIO=4&transport=websocket"),
        ("ws://h", "realtime", "/realtime/?EIO=4&transport=websocket"),
        ("ws://h/game", "/a/b/", "/game/a/b/?EIO=4&transport=websocket"),
        ("ws://h/game", "/", "/game/?EIO=4&transport=websocket"),
        ("ws://h", "", "/?EIO=4&transport=websocket"),
        ("ws://h", "/a?b c", "/a%3Fb%20c/?EIO=4&transport=websocket"),
        ("ws://h", "/a\r\nX: y", "/aX:%20y/?EIO=4&transport=websocket"),
    ] {
        assert_eq!(target(&parse(url).with_path(path)), wanted, "{url} {path:?}");
    }
}

#[test]
fn s1_pairs_are_added_after_the_query_of_the_url() {
    let endpoint = parse("ws://h?a=1").with_query([("b", "x y&z"), ("ü", "=")]);
    assert_eq!(target(&endpoint), "/socket.io/?a=1&b=x+y%26z&%C3%BC=%3D&EIO=4&transport=websocket");
    let none: [(&str, &str); 0] = [];
    assert_eq!(target(&endpoint.with_query(none)), "/socket.io/?a=1&EIO=4&transport=websocket");
}

#[test]
fn user_info_becomes_authorization() {
    for (url, authorization) in [
        ("ws://h", None),
        ("ws://user:pass@h", Some("Basic dXNlcjpwYXNz")),
        ("ws://user@h", Some("Basic dXNlcjo=")),
        ("ws://us%3Aer:p%40ss@h", Some("Basic dXM6ZXI6cEBzcw==")),
        ("ws://:pass@h", Some("Basic OnBhc3M=")),
    ] {
        assert_eq!(parse(url).authorization(), authorization, "{url}");
    }
}

#[test]
fn no_text_of_it_shows_a_secret() {
    let endpoint = parse("wss://user:hidden@h:81/game?token=hidden#hidden").with_query([("key", "hidden")]);
    assert_eq!(endpoint.to_string(), "wss://h:81/game/socket.io/");
    assert!(!format!("{endpoint:?}").contains("hidden"));
    for url in [
        "user:hidden@h",
        "user:p@hidden@h",
        "user:p/hidden@h",
        "h:3000/?mail=a@hidden",
        "h:3000?token=hidden",
        "h:3000/#token=hidden",
        "ws://user:hidden@:80",
        "tcp://user:hidden@h",
        "ws://user:hidden@h:port",
        "ws://h/?token=hidden\r\nX: y",
    ] {
        let error = Endpoint::parse(url).unwrap_err();
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
}

#[test]
fn what_is_secret_in_it_is_known() {
    let endpoint =
        parse("wss://user:p%40ss@h/?token=a%26b&flag&x=").with_query([("key", "c d"), ("sid", "own")]);
    let secrets = endpoint.secrets();
    for secret in ["p@ss", "dXNlcjpwQHNz", "a%26b", "a&b", "c+d", "c d"] {
        assert!(secrets.iter().any(|known| known == secret), "{secret} in {secrets:?}");
    }
    assert!(parse("ws://h/game").secrets().iter().all(String::is_empty));
}

#[test]
fn a_url_cannot_smuggle_in_lines() {
    for url in [
        "ws://h/\r\nX-Admin: 1",
        "ws://h/?a=b\nc",
        "ws://h\t/",
        "w\rs://h",
        "ws://u:p\r\n@h",
        "ws://h/\0",
        "h\nERROR: x",
    ] {
        let error = Endpoint::parse(url).unwrap_err();
        assert!(matches!(error, EndpointError::Malformed(_)), "{url:?}: {error:?}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
}

#[test]
fn each_error_says_what_to_type() {
    let no_scheme = |suggestion: &str| EndpointError::NoScheme { suggestion: suggestion.into() };
    for (url, error, hint) in [
        ("", EndpointError::Empty, "http://localhost:3000"),
        (" \n", EndpointError::Empty, "http://localhost:3000"),
        ("localhost:3000", no_scheme("http://localhost:3000"), "http://localhost:3000"),
        ("socket.example.com", no_scheme("http://socket.example.com"), "https://"),
        ("example.com:3000/game", no_scheme("http://example.com:3000/game"), "http://example.com:3000/game"),
        ("192.168.1.5:3000", no_scheme("http://192.168.1.5:3000"), "http://192.168.1.5:3000"),
        ("//example.com", no_scheme("http://example.com"), "http://example.com"),
        ("://example.com", no_scheme("http://example.com"), "http://example.com"),
        ("tcp://example.com", EndpointError::UnsupportedScheme("tcp".into()), "http://"),
        ("file:///game", EndpointError::UnsupportedScheme("file".into()), "\"file\""),
        ("ws://", EndpointError::NoHost, "host"),
        ("ws://?x", EndpointError::NoHost, "host"),
        ("ws://:3000", EndpointError::NoHost, "host"),
        ("ws://h:99999", EndpointError::BadPort, "65535"),
        ("ws://h:port", EndpointError::BadPort, "65535"),
        ("ws://h:0", EndpointError::BadPort, "65535"),
        ("ws://exa mple.com", EndpointError::BadHost, "http://example.com"),
        ("ws://::1:3000", EndpointError::BadHost, "brackets"),
        ("ws://[::1", EndpointError::BadHost, "brackets"),
        ("http://[fe80::1%]:3000", EndpointError::BadZone, "http://[fe80::1%eth0]:3000"),
        ("http://[fe80::1%a b]", EndpointError::BadZone, "network interface"),
        ("http://[fe80::1%e%25]", EndpointError::BadZone, "network interface"),
        ("http://[x%eth0]", EndpointError::BadHost, "brackets"),
        ("ws://1.2.3.999", EndpointError::BadHost, "192.168.1.5"),
    ] {
        assert_eq!(Endpoint::parse(url), Err(error.clone()), "{url}");
        assert!(error.to_string().contains(hint), "{error}");
        assert!(!error.to_string().contains("ws://"), "{error}");
    }
}

#[test]
fn an_ipv6_address_may_have_a_zone() {
    for (url, name, host_header, path) in [
        ("http://[fe80::1%eth0]:3000", "fe80::1%eth0", "[fe80::1]:3000", "/socket.io/"),
        ("http://[fe80::1%25eth0]:3000/game?a=%20", "fe80::1%eth0", "[fe80::1]:3000", "/game/socket.io/"),
        ("wss://me:p]%5d@[FE80:0::1%25]/a]", "fe80::1%25", "[fe80::1]", "/a]/socket.io/"),
        ("http://[::1%3]", "::1%3", "[::1]", "/socket.io/"),
        ("http://[::1]/%25[%a]", "::1", "[::1]", "/%25[%a]/socket.io/"),
        ("http://h/[a%b]", "h", "h", "/[a%b]/socket.io/"),
    ] {
        let endpoint = parse(url);
        assert_eq!(
            (&*endpoint.name(), endpoint.host_header(), endpoint.path()),
            (name, host_header, path),
            "{url}"
        );
        assert!(!endpoint.host().contains('%'), "a certificate has no zone");
    }
}

#[test]
fn a_long_text_makes_no_long_error() {
    let error = Endpoint::parse(&"x".repeat(100_000)).unwrap_err().to_string();
    assert!(error.chars().count() < 250, "{error}");
}

#[test]
fn s1_an_added_query_cannot_replace_what_the_protocol_sets() {
    let added = [("EIO", "3"), ("transport", "polling"), ("sid", "x"), ("token", "t")];
    let endpoint = Endpoint::parse("ws://localhost").unwrap().with_query(added);
    assert_eq!(target(&endpoint), "/socket.io/?token=t&EIO=4&transport=websocket");
}

#[test]
fn s1_the_query_names_the_transport_and_the_session_once_there_is_one() {
    let endpoint = parse("ws://h?a=1&sid=mine");
    assert_eq!(endpoint.target(TransportName::Polling, None), "/socket.io/?a=1&EIO=4&transport=polling");
    assert_eq!(
        endpoint.target(TransportName::WebSocket, Some("x-_9&y=z é")),
        "/socket.io/?a=1&EIO=4&transport=websocket&sid=x-_9%26y%3Dz+%C3%A9"
    );
    assert_eq!(endpoint.path(), "/socket.io/");
}
