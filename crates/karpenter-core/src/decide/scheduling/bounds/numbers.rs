//! From counts and amounts to numbers one can weigh against prices, and back.

/// An amount as a number; exact up to 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "weighed against prices, never compared with amounts"
)]
pub(in super::super) fn real(amount: i128) -> f64 {
    amount as f64
}

/// A count as a number.
pub(in super::super) fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

/// The largest count not above `number`; a number that is a hair below a count is taken for it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at both ends, as it should"
)]
pub(in super::super) fn floor(number: f64) -> usize {
    (number + 1e-6) as usize
}

/// How often `amounts` fit into `room`.
pub(in super::super) fn times(room: &[i128], amounts: &[i128]) -> usize {
    let asked = room.iter().zip(amounts).filter(|(_, amount)| **amount > 0);
    let times = asked.map(|(room, amount)| (room / amount).max(0)).min().unwrap_or_default();
    usize::try_from(times).unwrap_or(usize::MAX)
}
