//! Quantity to its canonical text: the shortest number without a fraction, and a suffix.

use super::{NANOS_PER_UNIT, Notation, Quantity};
use std::fmt;

const BINARY_SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

pub(super) fn write(quantity: Quantity, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if quantity.nanos == 0 {
        return f.write_str("0");
    }
    match quantity.notation {
        Notation::Binary if is_binary(quantity.nanos) => {
            write_binary(quantity.nanos / NANOS_PER_UNIT, f)
        }
        Notation::Binary | Notation::Decimal => write_decimal(quantity.nanos, f),
        Notation::Exponent => write_exponent(quantity.nanos, f),
    }
}

/// Whether binary suffixes lose nothing and save something.
fn is_binary(nanos: i128) -> bool {
    nanos % NANOS_PER_UNIT == 0 && (nanos / NANOS_PER_UNIT).unsigned_abs() >= 1024
}

fn write_binary(units: i128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut number, mut step) = (units, 0);
    while number % 1024 == 0 && step + 1 < BINARY_SUFFIXES.len() {
        number /= 1024;
        step += 1;
    }
    write!(f, "{number}{}", BINARY_SUFFIXES[step])
}

fn write_decimal(nanos: i128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (number, exponent) = thousands(nanos);
    let suffix = match exponent {
        -9 => "n",
        -6 => "u",
        -3 => "m",
        0 => "",
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        18 => "E",
        _ => return write!(f, "{number}e{exponent}"),
    };
    write!(f, "{number}{suffix}")
}

fn write_exponent(nanos: i128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match thousands(nanos) {
        (number, 0) => write!(f, "{number}"),
        (number, exponent) => write!(f, "{number}e{exponent}"),
    }
}

/// The number without trailing groups of three zeros, and the exponent of ten that stands for them.
fn thousands(nanos: i128) -> (i128, i32) {
    let (mut number, mut exponent) = (nanos, -9);
    while number % 1000 == 0 {
        number /= 1000;
        exponent += 3;
    }
    (number, exponent)
}
