//! The requests of a long-polling session.

use std::sync::Arc;

use socketio_protocol::TransportName;

use crate::answer::Head;
use crate::site::Site;

/// The most cookies that are kept, and the longest, in bytes: a server must not fill the memory with them.
const MAX_COOKIES: usize = 32;
const MAX_COOKIE: usize = 4096;

/// Writes the requests of one session, with the cookies that the server has set: before a cluster they lead each
/// request to the same server.
pub(crate) struct Requests {
    site: Arc<Site>,
    session_id: Option<String>,
    cookies: Vec<(String, String)>,
}

impl Requests {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site, session_id: None, cookies: Vec::new() }
    }

    pub(crate) fn site(&self) -> &Arc<Site> {
        &self.site
    }

    pub(crate) fn set_session_id(&mut self, session_id: String) {
        self.session_id = Some(session_id);
    }

    /// Path and query for a transport of this session.
    pub(crate) fn target(&self, transport: TransportName) -> String {
        self.site.endpoint.target(transport, self.session_id.as_deref())
    }

    /// Asks for packets.
    pub(crate) fn get(&self) -> Vec<u8> {
        self.request("GET", &[])
    }

    /// Brings packets.
    pub(crate) fn post(&self, body: &[u8]) -> Vec<u8> {
        let length = body.len().to_string();
        let headers = [("Content-Type", "text/plain;charset=UTF-8"), ("Content-Length", length.as_str())];
        let mut request = self.request("POST", &headers);
        request.extend_from_slice(body);
        request
    }

    /// Remembers the cookies of an answer.
    pub(crate) fn keep_cookies(&mut self, head: &Head) {
        for value in head.all("Set-Cookie") {
            let pair = value.split(|byte| *byte == b';').next().unwrap_or_default();
            let Some((name, value)) = std::str::from_utf8(pair).ok().and_then(|pair| pair.split_once('='))
            else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if pair.len() > MAX_COOKIE {
                continue;
            }
            self.cookies.retain(|(known, _)| known != name);
            if self.cookies.len() == MAX_COOKIES {
                self.cookies.remove(0);
            }
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The value of the `Cookie` header, with the game's own first, if there are any.
    pub(crate) fn cookies(&self) -> Option<String> {
        if self.cookies.is_empty() {
            return None;
        }
        let own = self.site.options.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
        let own = own.map(|(_, value)| value.clone());
        let kept = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        Some(own.chain(kept).collect::<Vec<_>>().join("; "))
    }

    fn request(&self, method: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let cookies = self.cookies();
        let mut all = headers.to_vec();
        all.extend(cookies.as_deref().map(|cookies| ("Cookie", cookies)));
        self.site.request(method, &self.target(TransportName::Polling), &all).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use socketio_protocol::Endpoint;

    use super::*;
    use crate::answer::tests::head;
    use crate::site::TransportOptions;
    use crate::waker::Waker;

    fn requests(headers: &[(&str, &str)]) -> Requests {
        let endpoint = Endpoint::parse("http://h:3000/?a=1").unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let options = TransportOptions { headers, ..TransportOptions::default() };
        Requests::new(Arc::new(Site::new(endpoint, options, &Arc::new(Waker::new().unwrap())).unwrap()))
    }

    #[test]
    fn s21_a_get_and_a_post() {
        let mut requests = requests(&[("X-Token", "t"), ("Content-Type", "ignored/here")]);
        let get = String::from_utf8(requests.get()).unwrap();
        assert!(
            get.starts_with("GET /socket.io/?a=1&EIO=4&transport=polling HTTP/1.1\r\nHost: h:3000\r\n"),
            "{get}"
        );
        assert!(
            get.contains("\r\nX-Token: t\r\n") && get.ends_with("\r\n\r\n") && !get.contains("Cookie"),
            "{get}"
        );
        requests.set_session_id("x&y".to_owned());
        let post = String::from_utf8(requests.post("4é".as_bytes())).unwrap();
        assert!(
            post.starts_with("POST /socket.io/?a=1&EIO=4&transport=polling&sid=x%26y HTTP/1.1\r\n"),
            "{post}"
        );
        assert!(
            post.contains("\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 3\r\n"),
            "{post}"
        );
        assert!(post.ends_with("\r\n\r\n4é") && !post.contains("ignored"), "{post}");
    }

    #[test]
    fn cookies_come_back_to_the_server() {
        let mut requests = requests(&[("Cookie", "mine=1")]);
        assert_eq!(requests.cookies(), None);
        assert!(String::from_utf8(requests.get()).unwrap().contains("\r\nCookie: mine=1\r\n"));
        requests.keep_cookies(&head("200 OK\r\nSet-Cookie: a=1; Path=/; HttpOnly\r\nset-cookie: b = 2\r\n"));
        requests.keep_cookies(&head("200 OK\r\nSet-Cookie: a=3\r\nSet-Cookie: nothing\r\n"));
        assert_eq!(requests.cookies().unwrap(), "mine=1; b=2; a=3");
        let get = String::from_utf8(requests.get()).unwrap();
        assert_eq!(get.matches("Cookie: ").count(), 1, "{get}");
    }

    #[test]
    fn a_server_cannot_have_any_number_of_cookies_kept() {
        let mut requests = requests(&[]);
        for number in 0..MAX_COOKIES + 8 {
            requests.keep_cookies(&head(&format!("200 OK\r\nSet-Cookie: c{number}=1\r\n")));
        }
        requests.keep_cookies(&head(&format!("200 OK\r\nSet-Cookie: long={}\r\n", "x".repeat(MAX_COOKIE))));
        let cookies = requests.cookies().unwrap();
        assert!(cookies.starts_with("c8=1; ") && cookies.ends_with("; c39=1"), "{cookies}");
    }
}
