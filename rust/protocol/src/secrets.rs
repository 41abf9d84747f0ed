//! What an error must not show although a server may have repeated it: what it was sent.

use std::fmt;

use crate::Endpoint;
use crate::masking::{MASK, mask_urls};

/// A text of fewer bytes is no secret that could be told from ordinary words.
const SHORTEST: usize = 4;

/// What was sent to a server and is for nobody else. It shows nothing of itself in `Debug`.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Those of the requests: of the URL, and the values of the headers, whole and word by word: a server that repeats a token does not
    /// repeat the `Bearer` before it.
    pub fn new(endpoint: &Endpoint, headers: &[(String, String)]) -> Self {
        let mut secrets = endpoint.secrets();
        for (_, value) in headers {
            let words = value.split([' ', '\t', ';', ',', '=']).map(str::to_owned);
            // The first of several words is the name of a scheme or of a cookie.
            let is_one_word = words.clone().nth(1).is_none();
            secrets.extend(words.skip(usize::from(!is_one_word)));
            secrets.push(value.trim().to_owned());
        }
        let mut all = Self::default();
        all.add(secrets.iter().map(String::as_str));
        all
    }

    /// Adds more of them.
    pub(crate) fn add<'a>(&mut self, secrets: impl Iterator<Item = &'a str>) {
        self.0.extend(secrets.filter(|secret| secret.len() >= SHORTEST).map(str::to_owned));
        // A secret that is a part of another must not spoil it.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A server's text with the secrets masked, and also the beginning of one at its end, where the text was cut.
    pub fn hidden_in(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        for secret in &self.0 {
            hidden = hidden.replace(secret, MASK);
        }
        if let Some(cut) = self.0.iter().filter_map(|secret| beginning_at_end(&hidden, secret)).max() {
            hidden.truncate(hidden.len().saturating_sub(cut));
            hidden.push_str(MASK);
        }
        mask_urls(&hidden)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secrets").finish_non_exhaustive()
    }
}

/// The length of the longest beginning of a secret that ends the text.
fn beginning_at_end(text: &str, secret: &str) -> Option<usize> {
    let mut lengths = secret.char_indices().map(|(length, _)| length).rev();
    lengths.find(|length| {
        *length >= SHORTEST && secret.get(..*length).is_some_and(|beginning| text.ends_with(beginning))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(url: &str, headers: &[(&str, &str)]) -> Secrets {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Secrets::new(&Endpoint::parse(url).unwrap(), &headers.collect::<Vec<_>>())
    }

    #[test]
    fn headers_and_the_url_are_hidden() {
        let headers =
            [("Authorization", "Bearer hidden-1"), ("Cookie", "a=1; session=hidden-2"), ("X", "hid 3")];
        let secrets = secrets("ws://me:hidden-4@h/?token=hidden%265", &headers);
        for (text, hidden) in [
            ("Bearer hidden-1 is no token", "*** is no token"),
            ("no token: hidden-1", "no token: ***"),
            ("Cookie: session=hidden-2", "Cookie: ***=***"),
            ("X: hid 3", "X: ***"),
            ("wrong password hidden-4", "wrong password ***"),
            ("token hidden%265 or hidden&5", "token *** or ***"),
            ("Authorization: Basic bWU6aGlkZGVuLTQ=", "Authorization: Basic ***"),
            ("GET /?other=hidden HTTP/1.1", "GET /?other=*** HTTP/1.1"),
        ] {
            assert_eq!(secrets.hidden_in(text), hidden, "{text}");
        }
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden_too() {
        let secrets = secrets("ws://h", &[("X-Token", "hidden-\u{fc}ber")]);
        for (text, hidden) in
            [("X-Token: hidden-", "X-Token: ***"), ("X: hidden-\u{fc}", "X: ***"), ("X: hidd", "X: ***")]
        {
            assert_eq!(secrets.hidden_in(text), hidden, "{text}");
        }
        assert_eq!(secrets.hidden_in("X: hid"), "X: hid");
    }

    #[test]
    fn what_is_too_short_for_a_secret_stays() {
        let secrets = secrets("ws://h/?level=3&x=", &[("X-Version", "1.0"), ("Y", "")]);
        let text = "HTTP 503: level 3 needs version 1.0";
        assert_eq!(secrets.hidden_in(text), text);
    }
}
