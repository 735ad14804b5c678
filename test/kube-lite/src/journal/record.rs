//! One line of a data file: checksum, head and the object as JSON text.
//!
//! `0123456789abcdef 42 + apps deployments default web {"kind":…}`: version, what happened, group,
//! plural, namespace, name; `-` stands for an empty word.

use std::io::Write;

use bytes::Bytes;

use crate::kind::KindId;
use crate::object::Key;

/// Digits of a checksum.
const SUM: usize = 16;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// The object is stored.
    Put,
    /// The object is removed; the text is its last state.
    Remove,
}

/// One stored or removed object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) version: u64,
    pub(crate) op: Op,
    pub(crate) id: KindId,
    pub(crate) key: Key,
    pub(crate) json: Bytes,
}

impl Record {
    /// Appends the line with its line feed.
    pub(crate) fn encode(&self, line: &mut Vec<u8>) {
        let op = match self.op {
            Op::Put => '+',
            Op::Remove => '-',
        };
        let ((group, plural), key) = (&self.id, &self.key);
        let words = [group, plural, &key.namespace, &key.name].map(|word| match word.as_str() {
            "" => "-",
            word => word,
        });
        let head = format!("{} {op} {} ", self.version, words.join(" "));
        sealed(line, &[head.as_bytes(), &self.json]);
    }

    /// Reads the text of a line without its checksum.
    pub(super) fn decode(text: &[u8]) -> Option<Self> {
        let mut words = text.splitn(7, |byte| *byte == b' ');
        let mut word = || std::str::from_utf8(words.next()?).ok();
        let version = word()?.parse().ok()?;
        let op = match word()? {
            "+" => Op::Put,
            "-" => Op::Remove,
            _ => return None,
        };
        let mut name = || word().map(|text| if text == "-" { "" } else { text });
        let id = (name()?.to_owned(), name()?.to_owned());
        let key = Key::new(name()?, name()?);
        Some(Self { version, op, id, key, json: Bytes::copy_from_slice(words.next()?) })
    }
}

/// Appends a line of these parts behind their checksum.
pub(super) fn sealed(line: &mut Vec<u8>, parts: &[&[u8]]) {
    let start = line.len();
    line.extend_from_slice(&[b' '; SUM + 1]);
    for part in parts {
        line.extend_from_slice(part);
    }
    let sum = checksum(&line[start + SUM + 1..]);
    let mut digits = &mut line[start..start + SUM];
    write!(digits, "{sum:016x}").expect("invariant: sixteen digits fit");
    line.push(b'\n');
}

/// The text behind the checksum of a line without its line feed; `None` when it does not fit.
pub(super) fn unsealed(line: &[u8]) -> Option<&[u8]> {
    let (sum, text) = line.split_at_checked(SUM)?;
    let text = text.strip_prefix(b" ")?;
    let sum = u64::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (checksum(text) == sum).then_some(text)
}

/// FNV-1a over words of eight bytes: finds damage, not malice.
fn checksum(text: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME);
        sum ^= sum >> 32;
    }
    for byte in rest {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(PRIME);
    }
    sum
}
