//! Strings in JSON (RFC 8259, section 7), as a Godot String can hold them: without NUL, and without the lone surrogates
//! that JavaScript's strings may have. Both become U+FFFD.

use super::Span;
use super::fault::Fault;

/// Reads the string whose first character is at `start`, after the quotation mark. One with escapes is appended to `text`,
/// which begins with `json`. Returns where the string is in `text`, and where what follows it begins.
///
/// # Errors
/// What is wrong, and where.
pub(super) fn scan(json: &str, start: usize, text: &mut String) -> Result<(Span, usize), (Fault, usize)> {
    let end = find_special(json.as_bytes(), start);
    match json.as_bytes().get(end) {
        Some(b'"') => Ok((span(start, end).map_err(|fault| (fault, start))?, end.saturating_add(1))),
        Some(b'\\') => unescape(json, start, end, text),
        Some(_) => Err((Fault::Control, end)),
        None => Err((Fault::End, end)),
    }
}

fn span(start: usize, end: usize) -> Result<Span, Fault> {
    let position = |position| u32::try_from(position).map_err(|_| Fault::TooLong);
    Ok(Span { start: position(start)?, end: position(end)? })
}

/// Where the next quotation mark, backslash or control character is, or the end of the text.
fn find_special(json: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(block) = json.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let special = special_bytes(u64::from_le_bytes(*block));
        if special != 0 {
            return at.saturating_add(special.trailing_zeros() as usize / 8);
        }
        at = at.saturating_add(block.len());
    }
    let rest = json.get(at..).unwrap_or_default();
    let offset = rest.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\');
    at.saturating_add(offset.unwrap_or(rest.len()))
}

/// The highest bit of each of eight bytes that is special. Only the lowest one set is to be trusted: a borrow may set
/// others above it.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES.wrapping_mul(u64::from(limit))) & !word;
    let equal = |byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    (below(word, b' ') | equal(b'"') | equal(b'\\')) & HIGHEST
}

/// Reads a string whose first escape is at `escape`.
#[cold]
fn unescape(
    json: &str,
    start: usize,
    mut escape: usize,
    text: &mut String,
) -> Result<(Span, usize), (Fault, usize)> {
    let begin = text.len();
    let mut verbatim = start;
    loop {
        text.push_str(json.get(verbatim..escape).unwrap_or_default());
        let (character, after) = unescape_one(json.as_bytes(), escape).ok_or((Fault::Escape, escape))?;
        text.push(character);
        verbatim = after;
        escape = find_special(json.as_bytes(), after);
        match json.as_bytes().get(escape) {
            Some(b'\\') => {}
            Some(b'"') => {
                text.push_str(json.get(verbatim..escape).unwrap_or_default());
                let span = span(begin, text.len()).map_err(|fault| (fault, start))?;
                return Ok((span, escape.saturating_add(1)));
            }
            Some(_) => return Err((Fault::Control, escape)),
            None => return Err((Fault::End, escape)),
        }
    }
}

/// The character of the escape at that position, and where it ends.
fn unescape_one(json: &[u8], escape: usize) -> Option<(char, usize)> {
    let after = escape.checked_add(2)?;
    let character = match json.get(escape.checked_add(1)?)? {
        b'u' => return unescape_unicode(json, escape),
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    };
    Some((character, after))
}

fn unescape_unicode(json: &[u8], escape: usize) -> Option<(char, usize)> {
    /// The length of `\u0000`.
    const LENGTH: usize = 6;

    let first = code_unit(json, escape)?;
    let after = escape.checked_add(LENGTH)?;
    if matches!(first, 0xD800..=0xDBFF)
        && let Some(second @ 0xDC00..=0xDFFF) = code_unit(json, after)
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
    {
        return Some((character, after.checked_add(LENGTH)?));
    }
    let character = char::from_u32(u32::from(first)).filter(|&character| character != '\0');
    Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), after))
}

/// The number in the `\uXXXX` at that position.
fn code_unit(json: &[u8], position: usize) -> Option<u16> {
    let digits = json.get(position..)?.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit: u16, &digit| {
        let value = char::from(digit).to_digit(16)?;
        Some((unit << 4) | u16::try_from(value).ok()?)
    })
}
