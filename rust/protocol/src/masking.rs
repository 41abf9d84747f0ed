//! Foreign text in messages: what a server answers may be shown, what it repeats of a token may not.

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// How much of a server's text goes into a message, in characters.
const MAX_TEXT: usize = 300;

/// The text with the user info and the values of the query masked in each URL of it.
pub fn mask_urls(text: &str) -> String {
    text.split_inclusive(is_outside_of_urls).map(mask_word).collect()
}

/// Foreign text made fit for a part of a message: one short line, with its URLs masked.
pub fn clean(text: &str) -> String {
    one_line(text, MAX_TEXT)
}

/// Foreign text as one line of so many characters at most, with its URLs masked.
pub fn one_line(text: &str, most: usize) -> String {
    let visible: String = mask_urls(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words = String::new();
    for word in visible.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    match words.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}

fn is_outside_of_urls(character: char) -> bool {
    character.is_whitespace() || character.is_control() || "\"'<>`".contains(character)
}

/// Masks what may be a URL, or path and query of one.
fn mask_word(word: &str) -> String {
    let end = word.trim_end_matches(is_outside_of_urls).len();
    let (url, rest) = word.split_at(end);
    let (address, pairs) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let mut masked = without_user_info(address);
    for pair in pairs.split_inclusive(['?', '#', '&', ';']) {
        let (pair, separator) = pair.split_at(pair.trim_end_matches(['?', '#', '&', ';']).len());
        match pair.split_once('=') {
            Some((key, value)) if !value.is_empty() => {
                masked.extend([key, "=", MASK]);
            }
            _ => masked.push_str(pair),
        }
        masked.push_str(separator);
    }
    masked + rest
}

fn without_user_info(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("//") else { return address.to_owned() };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}//{MASK}@{host}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_user_info_are_masked() {
        for (text, masked) in [
            ("Cannot GET /socket.io/?token=t&EIO=4", "Cannot GET /socket.io/?token=***&EIO=***"),
            ("<a href=\"https://u:p@h:1/x?a=b\">x</a>", "<a href=\"https://***@h:1/x?a=***\">x</a>"),
            ("to wss://u@h, and ws://a:b/c@h2", "to wss://***@h, and ws://***@h2"),
            ("http://h/#access_token=t&x=y z", "http://h/#access_token=***&x=*** z"),
            ("//u:p@h/?a=b;c=d?e=f#g=h", "//***@h/?a=***;c=***?e=***#g=***"),
            ("/x?a=b%26c==d\u{fc}&flag&e=", "/x?a=***&flag&e="),
            ("?=t", "?=***"),
        ] {
            assert_eq!(mask_urls(text), masked, "{text}");
        }
    }

    #[test]
    fn foreign_text_becomes_one_short_line() {
        assert_eq!(clean("  a\r\n\tb\u{1b}[31m\0 "), "a b [31m");
        assert_eq!(clean(&"ü".repeat(1000)).chars().count(), MAX_TEXT + 3);
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "",
            "Bad request",
            "a=b",
            "why? a = b",
            "mail@example.com",
            "// remark",
            "http://h:1/a/b",
            " ? \n",
        ] {
            assert_eq!(mask_urls(text), text);
        }
    }
}
