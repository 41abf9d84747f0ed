//! What went wrong in a TLS handshake.
//!
//! The platforms' TLS libraries have no codes in common: all there is are their words, and Windows speaks the user's
//! language, with its code at the end.

use socketio_protocol::Endpoint;
use socketio_protocol::masking::clean;

use crate::diagnosis::Peer;
use crate::tls::TlsOptions;

/// Says what is wrong and what to do about it, with the library's own reason in parentheses.
pub(crate) fn describe(endpoint: &Endpoint, options: &TlsOptions, error: &native_tls::Error) -> String {
    let text = chain(error);
    format!("{} ({})", meaning(endpoint, options, &text), clean(&reason_in(&text)))
}

/// What the words of the platform's TLS library mean.
fn meaning(endpoint: &Endpoint, options: &TlsOptions, text: &str) -> String {
    let peer = Peer(endpoint);
    let name = options.server_name(endpoint.host());
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&[
        "wrong version number",
        "packet length too long",
        "http request",
        "record layer failure",
        windows::SEC_E_INVALID_TOKEN,
    ]) {
        format!("{peer} does not speak TLS: use http:// in the URL, or check the port")
    } else if says(&["expired", windows::SEC_E_CERT_EXPIRED]) {
        format!(
            "The certificate of {peer} has expired: renew it on the server, and check this device's clock"
        )
    } else if says(&["not yet valid"]) {
        format!("The certificate of {peer} is not valid yet: check this device's clock and the certificate")
    } else if says(&[windows::CERT_E_EXPIRED]) {
        format!(
            "The certificate of {peer} has expired or is not valid yet: renew it on the server, and check this \
             device's clock"
        )
    } else if says(&[
        "hostname mismatch",
        "ip address mismatch",
        "name mismatch",
        "name does not match",
        "cn name",
        "host name",
        windows::CERT_E_CN_NO_MATCH,
        windows::SEC_E_WRONG_PRINCIPAL,
    ]) {
        format!(
            "The certificate of {peer} is not made out to \"{name}\": connect by the name that is in it, or give \
             that name as the TLS options' common name"
        )
    } else if says(&["self-signed", "self signed"]) {
        format!(
            "The certificate of {peer} is self-signed: trust it with TLSOptions.client(certificate), or accept \
             any with TLSOptions.client_unsafe() while developing"
        )
    } else if says(&[
        "issuer",
        "unknown ca",
        "untrusted",
        "not trusted",
        "first certificate",
        "signature failure",
        windows::CERT_E_CHAINING,
        windows::CERT_E_UNTRUSTEDROOT,
        windows::SEC_E_UNTRUSTED_ROOT,
        windows::TRUST_E_CERT_SIGNATURE,
    ]) {
        format!(
            "The certificate of {peer} is signed by an authority that is not trusted here: trust it with \
             TLSOptions.client(authority), and let the server send its intermediate certificates"
        )
    } else if says(&["unexpected eof", "connection reset", "closed", "os error"]) {
        format!(
            "{peer} ended the connection during the TLS handshake: does it speak TLS on this port? If not, use \
             http:// in the URL"
        )
    } else {
        format!("The TLS handshake with {peer} failed")
    }
}

/// The codes of Windows in its messages.
mod windows {
    pub(super) const CERT_E_CHAINING: &str = "(os error -2146762486)";
    pub(super) const CERT_E_CN_NO_MATCH: &str = "(os error -2146762481)";
    pub(super) const CERT_E_EXPIRED: &str = "(os error -2146762495)";
    pub(super) const CERT_E_UNTRUSTEDROOT: &str = "(os error -2146762487)";
    pub(super) const SEC_E_CERT_EXPIRED: &str = "(os error -2146893016)";
    pub(super) const SEC_E_INVALID_TOKEN: &str = "(os error -2146893048)";
    pub(super) const SEC_E_UNTRUSTED_ROOT: &str = "(os error -2146893019)";
    pub(super) const SEC_E_WRONG_PRINCIPAL: &str = "(os error -2146893022)";
    pub(super) const TRUST_E_CERT_SIGNATURE: &str = "(os error -2146869244)";
}

/// An error with its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// The reason in OpenSSL's text, which is `error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:` for each error of a stack, and
/// what was found wrong with a certificate in parentheses. Any other text stays as it is.
fn reason_in(text: &str) -> String {
    let reason = text.rsplit_once("error:").and_then(|(_, fields)| fields.split(':').nth(3));
    let Some(reason) = reason else { return text.to_owned() };
    match text.rsplit_once('(') {
        Some((_, verdict)) => format!("{reason}: {}", verdict.trim_end_matches(')')),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_openssls_text() {
        let text = "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
                    failed:ssl/statem/statem_clnt.c:2124: (certificate has expired)";
        assert_eq!(reason_in(text), "certificate verify failed: certificate has expired");
        assert_eq!(
            reason_in("error:0A00010B:SSL routines:f:wrong version number:a.c:1:"),
            "wrong version number"
        );
        assert_eq!(reason_in("unexpected EOF"), "unexpected EOF");
    }

    #[test]
    fn every_platforms_words_for_a_bad_certificate_are_understood() {
        let endpoint = Endpoint::parse("wss://game.example.org").unwrap();
        let fault = |text: &str| meaning(&endpoint, &TlsOptions::default(), text);
        for (expected, texts) in [
            (
                "has expired",
                &[
                    "certificate verify failed: certificate has expired",
                    "Ein erforderliches Zertifikat befindet sich nicht im Gültigkeitszeitraum. (os error -2146762495)",
                    "“game.example.org” certificate is expired",
                ][..],
            ),
            ("is not valid yet", &["certificate is not yet valid", "? (os error -2146762495)"]),
            (
                "is not made out to \"game.example.org\"",
                &[
                    "hostname mismatch",
                    "Der CN-Name des Zertifikats stimmt nicht überein. (os error -2146762481)",
                    "“other.example.org” certificate name does not match input",
                ],
            ),
            (
                "is signed by an authority that is not trusted",
                &[
                    "unable to get local issuer certificate",
                    "? (os error -2146762487)",
                    "? (os error -2146893019)",
                    "“game.example.org” certificate is not trusted",
                ],
            ),
            ("does not speak TLS", &["wrong version number", "? (os error -2146893048)"]),
            ("ended the connection", &["unexpected EOF", "Connection reset by peer (os error 104)"]),
        ] {
            for text in texts {
                assert!(fault(text).contains(expected), "{text}: {}", fault(text));
            }
        }
    }
}
