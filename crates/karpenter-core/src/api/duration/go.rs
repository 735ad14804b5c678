//! Go's notation of durations: `1h30m`, `1.5s`, `-100ms`.

use std::time::Duration;

/// Longest duration Go can hold: 2^63 - 1 ns, about 292 years.
pub(super) const MAX: Duration = Duration::from_nanos(i64::MAX.unsigned_abs());

const SECOND: u64 = 1_000_000_000;

/// Units and their nanoseconds; a unit that starts with another one stands before it.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3600 * SECOND),
];

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseDurationError {
    /// It is not numbers with units.
    #[error("duration {0:?} is not a sequence of numbers with units")]
    Malformed(String),
    /// It is longer than about 292 years.
    #[error("duration {0:?} is out of range")]
    OutOfRange(String),
    /// It is below zero where that has no meaning.
    #[error("duration {0:?} is negative")]
    Negative(String),
}

/// The nanoseconds a text means. Units may repeat and stand in any order; numbers may have a fraction, of which what is
/// finer than a nanosecond is dropped; one sign may lead.
///
/// # Errors
/// [`ParseDurationError`], never `Negative`.
///
/// Source: Go, `time.ParseDuration`.
pub fn parse_nanos(text: &str) -> Result<i64, ParseDurationError> {
    let malformed = || ParseDurationError::Malformed(text.to_owned());
    let out_of_range = || ParseDurationError::OutOfRange(text.to_owned());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(malformed());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (whole, fraction, unit, tail) = component(rest).ok_or_else(malformed)?;
        let nanos = nanos(whole, fraction, unit).ok_or_else(out_of_range)?;
        total = total.checked_add(nanos).ok_or_else(out_of_range)?;
        rest = tail;
    }
    match (i64::try_from(total), negative) {
        (Ok(nanos), false) => Ok(nanos),
        (Ok(nanos), true) => Ok(-nanos),
        (Err(_), true) if total == i64::MIN.unsigned_abs() => Ok(i64::MIN),
        (Err(_), _) => Err(out_of_range()),
    }
}

/// The first number and unit: digits before and after the point, nanoseconds of the unit, what follows.
fn component(text: &str) -> Option<(&str, &str, u64, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name)?;
    Some((whole, fraction, *unit, tail))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn nanos(whole: &str, fraction: &str, unit: u64) -> Option<u64> {
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    // Horner's scheme from the last digit; a nanosecond is never reached from below, so rounding down is exact enough.
    let part =
        fraction.bytes().rev().fold(0, |rest, digit| (u64::from(digit - b'0') * unit + rest) / 10);
    whole.checked_mul(unit)?.checked_add(part)
}

/// Canonical text: hours, minutes and seconds, larger units only when needed, always ending in a unit of seconds;
/// below a second the largest unit that needs no leading zero.
///
/// # Example
/// ```
/// # use karpenter_core::api::duration::print;
/// # use std::time::Duration;
/// assert_eq!(print(Duration::from_secs(90)), "1m30s");
/// assert_eq!(print(Duration::from_millis(1500)), "1.5s");
/// ```
///
/// Source: Go, `time.Duration.String`.
pub fn print(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        0 => "0s".to_owned(),
        1..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => format!("{}\u{b5}s", with_fraction(nanos, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", with_fraction(nanos, 1_000_000)),
        _ => print_clock(nanos),
    }
}

fn print_clock(nanos: u128) -> String {
    let second = u128::from(SECOND);
    let seconds = format!("{}s", with_fraction(nanos % (60 * second), second));
    let minutes = nanos / (60 * second);
    match (minutes / 60, minutes % 60) {
        (0, 0) => seconds,
        (0, minutes) => format!("{minutes}m{seconds}"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
    }
}

/// `amount / unit` in decimal, without trailing zeros; `unit` is a power of ten.
fn with_fraction(amount: u128, unit: u128) -> String {
    let width = usize::try_from(unit.ilog10()).unwrap_or(0);
    let fraction = format!("{:0width$}", amount % unit);
    match fraction.trim_end_matches('0') {
        "" => (amount / unit).to_string(),
        fraction => format!("{}.{fraction}", amount / unit),
    }
}
