//! Text to quantity.

use super::{NANOS_PER_UNIT, Notation, ParseQuantityError, Quantity};

/// Digits a text may have in its number: more cannot be in range with a meaning, and work stays bounded.
const MAX_DIGITS: usize = 128;
/// Nano is ten to the power of minus this.
const NANO_DIGITS: i64 = 9;
/// Largest amount with a binary suffix, in nano units; larger ones are capped to it.
const MAX_BINARY: i128 = 9_223_372_036_854_775_807 * NANOS_PER_UNIT;

/// A text taken apart: sign, digits before and after the point, suffix.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

/// What a suffix multiplies by: `2^binary` or `10^decimal`.
enum Scale {
    Binary(u32),
    Decimal(i64),
}

pub(super) fn parse(text: &str) -> Result<Quantity, ParseQuantityError> {
    let parts = split(text).ok_or_else(|| ParseQuantityError::Malformed(text.to_owned()))?;
    let (scale, notation) =
        scale(parts.suffix).ok_or_else(|| ParseQuantityError::Suffix(text.to_owned()))?;
    let magnitude = match scale {
        Scale::Binary(shift) => binary(&parts, shift),
        Scale::Decimal(exponent) => decimal(&parts, exponent),
    }
    .ok_or_else(|| ParseQuantityError::OutOfRange(text.to_owned()))?;
    let below_one = magnitude > 0 && magnitude < NANOS_PER_UNIT;
    let notation =
        if notation == Notation::Binary && below_one { Notation::Decimal } else { notation };
    Ok(Quantity { nanos: if parts.negative { -magnitude } else { magnitude }, notation })
}

fn split(text: &str) -> Option<Parts<'_>> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, rest) = digits(rest);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    let n_digits = whole.len() + fraction.len();
    (n_digits > 0 && n_digits <= MAX_DIGITS).then_some(Parts { negative, whole, fraction, suffix })
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn scale(suffix: &str) -> Option<(Scale, Notation)> {
    let decimal = |exponent| Some((Scale::Decimal(exponent), Notation::Decimal));
    let binary = |shift| Some((Scale::Binary(shift), Notation::Binary));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
            Some((Scale::Decimal(exponent.into()), Notation::Exponent))
        }
    }
}

/// Digits with the point moved right by `exponent` places, in nano units; what is finer is rounded up.
fn decimal(parts: &Parts<'_>, exponent: i64) -> Option<i128> {
    let fraction_len = i64::try_from(parts.fraction.len()).ok()?;
    let mut places = exponent + NANO_DIGITS - fraction_len;
    let digits = format!("{}{}", parts.whole, parts.fraction);
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    places += i64::try_from(digits.len() - digits.trim_end_matches('0').len()).ok()?;
    if places >= 0 {
        let power = 10_i128.checked_pow(u32::try_from(places).ok()?)?;
        return significant.parse::<i128>().ok()?.checked_mul(power);
    }
    let dropped = usize::try_from(-places).ok()?;
    let kept = significant.len().checked_sub(dropped).map_or("", |len| &significant[..len]);
    let kept = if kept.is_empty() { 0 } else { kept.parse::<i128>().ok()? };
    // The last significant digit is not zero, so something was dropped.
    kept.checked_add(1)
}

/// Digits times `2^shift` in nano units, finer parts rounded up, capped at [`MAX_BINARY`].
fn binary(parts: &Parts<'_>, shift: u32) -> Option<i128> {
    let factor = 1_i128 << shift;
    let whole = decimal_digits(parts.whole).and_then(|whole| whole.checked_mul(factor));
    let Some(whole) = whole.and_then(|whole| whole.checked_mul(NANOS_PER_UNIT)) else {
        return Some(MAX_BINARY);
    };
    let fraction = binary_fraction(parts.fraction, factor * NANOS_PER_UNIT);
    Some(whole.saturating_add(fraction).min(MAX_BINARY))
}

/// `0.digits × scale`, rounded up. Horner's scheme from the last digit: rounding down at each step is exact for
/// the whole, and a remainder anywhere says that something was dropped.
fn binary_fraction(digits: &str, scale: i128) -> i128 {
    let (floor, dropped) = digits.bytes().rev().fold((0, false), |(rest, dropped), digit| {
        let sum = i128::from(digit - b'0') * scale + rest;
        (sum / 10, dropped || sum % 10 != 0)
    });
    floor + i128::from(dropped)
}

fn decimal_digits(digits: &str) -> Option<i128> {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { Some(0) } else { digits.parse().ok() }
}
