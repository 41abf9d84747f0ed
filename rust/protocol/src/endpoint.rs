//! Where to connect to: a URL as a developer types it, made into what the transports need (S1).

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use url::{ParseError, Url, form_urlencoded};

use crate::TransportName;

/// How the value of an `Authorization` header with user info begins.
const BASIC: &str = "Basic ";

/// The address of a Socket.IO server. Neither its `Display` nor its `Debug` shows secrets, which the user info
/// and the query may hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As it was typed, but without user info, fragment, and the pairs of the query that the protocol sets. Its
    /// path is the prefix of the endpoint's.
    url: Url,
    /// The network interface of an IPv6 address (RFC 6874), which a URL's host does not have.
    zone: Option<String>,
    host_header: String,
    authorization: Option<String>,
    path: String,
    added_query: String,
    /// The path, and the query without the pairs that the protocol sets.
    base: String,
}

impl Endpoint {
    /// Where Socket.IO servers listen unless told otherwise.
    pub const DEFAULT_PATH: &str = "/socket.io/";

    /// Reads a URL with the scheme `ws`, `wss`, `http` or `https`. A path in it is a prefix of the endpoint's
    /// path, a query in it is kept, a fragment is dropped, and user info becomes [`Self::authorization`].
    ///
    /// # Errors
    /// When it is no such URL. The error says what to type instead.
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        let typed = url.trim();
        if typed.is_empty() {
            return Err(EndpointError::Empty);
        }
        // The URL parser would take them out without a word.
        if typed.contains(char::is_control) {
            return Err(EndpointError::Malformed("it holds a line break or another control character"));
        }
        let (typed, zone) = split_zone(typed)?;
        let typed = typed.as_ref();
        let mut url = Url::parse(typed).map_err(|error| EndpointError::from_parse_error(error, typed))?;
        if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
            // `localhost:3000` has the form of a URL too, with the scheme `localhost`.
            return Err(if typed.contains("://") {
                EndpointError::UnsupportedScheme(shortened(url.scheme()))
            } else {
                EndpointError::no_scheme(typed)
            });
        }
        if url.host().is_none() {
            return Err(EndpointError::NoHost);
        }
        if url.port() == Some(0) {
            return Err(EndpointError::BadPort);
        }
        let authorization = authorization(&url);
        let query = url.query().map(without_own_pairs).filter(|query| !query.is_empty());
        url.set_query(query.as_deref());
        url.set_fragment(None);
        // These cannot fail for a URL that has a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let host_header = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let mut endpoint = Self {
            url,
            zone,
            host_header,
            authorization,
            path: Self::DEFAULT_PATH.to_owned(),
            added_query: String::new(),
            base: String::new(),
        };
        endpoint.build_base();
        Ok(endpoint)
    }

    /// The same server with another path than [`Self::DEFAULT_PATH`]. Slashes at both ends may be left out.
    #[must_use]
    pub fn with_path(mut self, path: &str) -> Self {
        let path = path.trim_matches('/');
        self.path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
        self.build_base();
        self
    }

    /// The same server with pairs added to the query, after those of the URL.
    #[must_use]
    pub fn with_query<K: AsRef<str>, V: AsRef<str>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let pairs = pairs.into_iter().filter(|(key, _)| !is_own(key.as_ref()));
        self.added_query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.build_base();
        self
    }

    /// Whether the connection is encrypted.
    pub fn secure(&self) -> bool {
        matches!(self.url.scheme(), "wss" | "https")
    }

    /// What to look up: the name or address, with the zone that an IPv6 address may have.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.zone {
            Some(zone) => format!("{}%{zone}", self.host()).into(),
            None => self.host().into(),
        }
    }

    /// The name or address, without brackets and zone: for the certificate.
    pub fn host(&self) -> &str {
        let host = self.url.host_str().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        // Every accepted scheme has a default.
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The value of the `Host` header.
    pub fn host_header(&self) -> &str {
        &self.host_header
    }

    /// The path, as the request line has it.
    pub fn path(&self) -> &str {
        self.base.split_once('?').map_or(self.base.as_str(), |(path, _)| path)
    }

    /// Path and query, as the request line has them, with the session id once there is one.
    pub fn target(&self, transport: TransportName, session_id: Option<&str>) -> String {
        let separator = if self.base.contains('?') { '&' } else { '?' };
        let mut target = format!("{}{separator}EIO=4&transport={transport}", self.base);
        if let Some(session_id) = session_id {
            target.push_str("&sid=");
            target.extend(form_urlencoded::byte_serialize(session_id.as_bytes()));
        }
        target
    }

    /// The value of the `Authorization` header, if the URL had user info.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// What is secret in it and may come back in an answer of the server: the password, and the values of the query.
    pub fn secrets(&self) -> Vec<String> {
        let query = self.base.split_once('?').map_or("", |(_, query)| query);
        let decoded = form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned());
        let typed =
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
        let mut secrets: Vec<_> = decoded.chain(typed).collect();
        if let Some(credentials) = self.authorization.as_ref().and_then(|value| value.strip_prefix(BASIC)) {
            let decoded = BASE64_STANDARD.decode(credentials).unwrap_or_default();
            let decoded = String::from_utf8_lossy(&decoded);
            secrets.extend(decoded.split_once(':').map(|(_, password)| password.to_owned()));
            secrets.push(credentials.to_owned());
        }
        secrets
    }

    fn build_base(&mut self) {
        let mut url = self.url.clone();
        // Encodes what a path cannot hold as it is.
        url.set_path(&self.full_path());
        let mut base = url.path().to_owned();
        let mut separator = '?';
        for part in [self.url.query().unwrap_or_default(), &self.added_query] {
            if part.is_empty() {
                continue;
            }
            base.push(separator);
            base.push_str(part);
            separator = '&';
        }
        self.base = base;
    }

    fn full_path(&self) -> String {
        let prefix = self.url.path().trim_end_matches('/');
        // Whoever typed the whole path means it once.
        if self.path.len() > 1 && format!("{prefix}/").ends_with(&self.path) {
            return format!("{prefix}/");
        }
        format!("{prefix}{}", self.path)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.url.scheme(), self.host_header, self.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

/// Why a text is no address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointError {
    /// There is no text.
    Empty,
    /// There is no scheme, as in `localhost:3000`.
    NoScheme {
        /// What was probably meant.
        suggestion: String,
    },
    /// The scheme is not one that Socket.IO is spoken over.
    UnsupportedScheme(String),
    /// There is no host after the scheme.
    NoHost,
    /// The host is neither a name nor an address.
    BadHost,
    /// What follows an IPv6 address after a percent sign is no network interface.
    BadZone,
    /// The port is not a number from 1 to 65535.
    BadPort,
    /// It is no URL for another reason.
    Malformed(&'static str),
}

impl EndpointError {
    fn from_parse_error(error: ParseError, typed: &str) -> Self {
        match error {
            ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase => {
                Self::no_scheme(typed)
            }
            // An IPv6 address without brackets seems to begin with a port.
            ParseError::EmptyHost if typed.contains("://::") => Self::BadHost,
            ParseError::EmptyHost => Self::NoHost,
            ParseError::InvalidPort => Self::BadPort,
            ParseError::IdnaError
            | ParseError::InvalidIpv4Address
            | ParseError::InvalidIpv6Address
            | ParseError::InvalidDomainCharacter => Self::BadHost,
            ParseError::Overflow => Self::Malformed("it is too long"),
            _ => Self::Malformed("it cannot be read"),
        }
    }

    fn no_scheme(typed: &str) -> Self {
        let address = typed.trim_start_matches([':', '/']);
        // Neither a password nor the values of a query have a place in an error.
        let plain = |text: &str| !text.contains(['@', '/', '?', '#']);
        let address = match address.split_once('@') {
            Some((user_info, host)) if plain(user_info) && !host.contains('@') => host,
            Some(_) => "localhost:3000",
            None => address,
        };
        let address = address.split(['?', '#']).next().unwrap_or_default();
        Self::NoScheme { suggestion: format!("http://{}", shortened(address)) }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("The URL is empty: type the server's address, such as \"http://localhost:3000\".")
            }
            Self::NoScheme { suggestion } => {
                write!(f, "The URL has no scheme: type \"{suggestion}\", or https:// if the server has TLS.")
            }
            Self::UnsupportedScheme(scheme) => write!(
                f,
                "The URL's scheme \"{scheme}\" is not supported: type http:// for a server without TLS, https:// \
                 for one with TLS."
            ),
            Self::NoHost => f.write_str(
                "The URL has no host: type the server's name or address after the scheme, such as \
                 \"http://localhost:3000\".",
            ),
            Self::BadHost => f.write_str(
                "The URL's host is neither a name nor an IP address: type one such as \"http://example.com\", \
                 \"http://192.168.1.5:3000\" or, with brackets, \"http://[::1]:3000\".",
            ),
            Self::BadZone => f.write_str(
                "The URL's IPv6 address has a percent sign without a network interface: type its name or number \
                 after that, such as \"http://[fe80::1%eth0]:3000\".",
            ),
            Self::BadPort => f.write_str(
                "The URL's port is not a number from 1 to 65535: type it after the host, such as \
                 \"http://localhost:3000\".",
            ),
            Self::Malformed(reason) => write!(
                f,
                "The URL is malformed, {reason}: type the server's address, such as \"http://localhost:3000\"."
            ),
        }
    }
}

impl std::error::Error for EndpointError {}

/// Takes the zone out of the IPv6 address in a URL: `[fe80::1%eth0]`, or `[fe80::1%25eth0]` (RFC
/// 6874).
fn split_zone(url: &str) -> Result<(Cow<'_, str>, Option<String>), EndpointError> {
    let unzoned = Ok((url.into(), None));
    let Some((scheme, rest)) = url.split_once("://") else { return unzoned };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let Some((inside, port)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) else {
        return unzoned;
    };
    let Some((address, zone)) = inside.split_once('%') else { return unzoned };
    // A zone that is a number could be 25 itself.
    let name = zone.strip_prefix("25").filter(|name| !name.is_empty()).unwrap_or(zone);
    if name.is_empty()
        || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(letter))
    {
        return Err(EndpointError::BadZone);
    }
    let user_info = authority.strip_suffix(host).unwrap_or_default();
    let path = rest.strip_prefix(authority).unwrap_or_default();
    Ok((format!("{scheme}://{user_info}[{address}]{port}{path}").into(), Some(name.to_owned())))
}

fn authorization(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut credentials: Vec<u8> = percent_decode_str(url.username()).collect();
    credentials.push(b':');
    credentials.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("{BASIC}{}", BASE64_STANDARD.encode(credentials)))
}

/// A query without the pairs that the protocol sets itself: servers refuse a request that has them twice.
fn without_own_pairs(query: &str) -> String {
    let own = |pair: &str| is_own(pair.split_once('=').map_or(pair, |(key, _)| key));
    query.split('&').filter(|pair| !own(pair)).collect::<Vec<_>>().join("&")
}

/// Whether a key of the query is the protocol's, or nothing.
fn is_own(key: &str) -> bool {
    matches!(key, "" | "EIO" | "transport" | "sid")
}

fn shortened(text: &str) -> String {
    const LENGTH: usize = 80;
    if text.chars().nth(LENGTH).is_none() {
        return text.to_owned();
    }
    text.chars().take(LENGTH).chain(['…']).collect()
}
