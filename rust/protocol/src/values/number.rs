//! Numbers in JSON (RFC 8259, section 6).

use super::fault::Fault;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// Without fraction or exponent, and within 64 bits.
    Int(i64),
    Float(f64),
}

/// Reads the number that begins at `start`. Returns where it ends as well.
pub(super) fn scan(json: &str, start: usize) -> Result<(Number, usize), Fault> {
    let mut digits = Digits { json: json.as_bytes(), at: start, mantissa: 0, count: 0 };
    let negative = digits.take(b"-");
    if digits.take(b"0") {
        if digits.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(Fault::Number);
        }
    } else {
        digits.run()?;
    }
    let whole = digits.count;
    let has_fraction = digits.take(b".");
    if has_fraction {
        digits.run()?;
    }
    let fraction = digits.count.saturating_sub(whole);
    let exponent = if digits.take(b"eE") { Some(exponent(&mut digits)?) } else { None };
    let Digits { mantissa, count, at, .. } = digits;
    // No more digits than 64 bits hold.
    let is_whole = !has_fraction && exponent.is_none();
    if is_whole && count <= MAX_INT_DIGITS {
        let magnitude = mantissa.cast_signed();
        return Ok((Number::Int(if negative { magnitude.wrapping_neg() } else { magnitude }), at));
    }
    let text = json.get(start..at).unwrap_or_default();
    if is_whole && let Ok(value) = text.parse() {
        return Ok((Number::Int(value), at));
    }
    let scale = i64::from(exponent.unwrap_or_default()).saturating_sub(i64::from(fraction));
    let exact = if count <= MAX_MANTISSA_DIGITS { exact(mantissa, scale) } else { None };
    let value = match exact {
        Some(value) if negative => -value,
        Some(value) => value,
        None => text.parse().map_err(|_| Fault::Number)?,
    };
    if value.is_finite() { Ok((Number::Float(value), at)) } else { Err(Fault::OutOfRange) }
}

/// So many decimal digits always fit an `i64`, and an `u64`.
const MAX_INT_DIGITS: u32 = 18;
const MAX_MANTISSA_DIGITS: u32 = 19;

/// The powers of ten that a 64-bit float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// `mantissa` times ten to the power of `scale`, where both are exact in 64-bit floats: one operation on them then gives
/// the nearest one (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
fn exact(mantissa: u64, scale: i64) -> Option<f64> {
    const MAX_EXACT: u64 = 1 << 53;
    if mantissa > MAX_EXACT {
        return None;
    }
    let power = POWERS.get(usize::try_from(scale.unsigned_abs()).ok()?)?;
    let mantissa = mantissa as f64;
    Some(if scale < 0 { mantissa / power } else { mantissa * power })
}

fn exponent(digits: &mut Digits<'_>) -> Result<i32, Fault> {
    let negative = digits.take(b"-");
    if !negative {
        digits.take(b"+");
    }
    let mut exponent: i32 = 0;
    let start = digits.at;
    while let Some(digit) = digits.digit() {
        exponent = exponent.saturating_mul(10).saturating_add(i32::from(digit));
    }
    if digits.at == start {
        return Err(Fault::Number);
    }
    Ok(if negative { exponent.saturating_neg() } else { exponent })
}

/// A walk through the digits of a number.
struct Digits<'a> {
    json: &'a [u8],
    at: usize,
    /// The digits before the exponent, as one number. Wraps around when there are too many.
    mantissa: u64,
    /// How many there are, without a single zero before the point.
    count: u32,
}

impl Digits<'_> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// Goes past the next byte if it is one of these.
    fn take(&mut self, wanted: &[u8]) -> bool {
        let there = self.peek().is_some_and(|byte| wanted.contains(&byte));
        self.at = self.at.saturating_add(usize::from(there));
        there
    }

    fn digit(&mut self) -> Option<u8> {
        let digit = self.peek()?.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        self.at = self.at.saturating_add(1);
        Some(digit)
    }

    /// At least one digit of the mantissa.
    fn run(&mut self) -> Result<(), Fault> {
        let before = self.count;
        while let Some(digit) = self.digit() {
            self.mantissa = self.mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.count = self.count.saturating_add(1);
        }
        if self.count == before { Err(Fault::Number) } else { Ok(()) }
    }
}
