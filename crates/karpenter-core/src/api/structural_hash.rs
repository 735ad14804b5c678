//! The structural hash that drift annotations of existing clusters carry: 64-bit FNV-1 over names and values.
//!
//! A struct is its type name, combined with each member that is not zero in the order of declaration; lists and maps do
//! not depend on order. What counts as zero is for the caller to say, by leaving the member out.
//!
//! Source: Karpenter behaviour, drift hash version 3.

use std::collections::BTreeMap;

/// 64-bit FNV-1: multiply, then xor.
pub fn fnv1(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        hash.wrapping_mul(0x0000_0100_0000_01b3) ^ u64::from(*byte)
    })
}

/// The hash of a text.
pub fn text(text: &str) -> u64 {
    fnv1(text.as_bytes())
}

/// The hash of a text; an empty one is zero, and so left out.
pub fn non_empty(value: &str) -> Option<u64> {
    (!value.is_empty()).then(|| text(value))
}

/// Two hashes whose order matters.
pub fn pair(a: u64, b: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a.to_le_bytes());
    bytes[8..].copy_from_slice(&b.to_le_bytes());
    fnv1(&bytes)
}

/// The last step of a collection or a member.
pub fn finish(hash: u64) -> u64 {
    fnv1(&hash.to_le_bytes())
}

/// Elements in any order; equal ones cancel each other.
pub fn list(elements: impl Iterator<Item = u64>) -> u64 {
    elements.fold(0, |hash, element| hash ^ element)
}

/// Keys with values, in any order.
pub fn map(map: &BTreeMap<String, String>) -> u64 {
    finish(list(map.iter().map(|(key, value)| pair(text(key), text(value)))))
}

/// A struct under way; [`value`](Self::value) ends it.
#[derive(Debug, Clone, Copy)]
pub struct Struct(u64);

impl Struct {
    /// A struct of this type name, without members.
    pub fn new(name: &str) -> Self {
        Self(text(name))
    }

    /// With one more member, unless it is zero.
    #[must_use]
    pub fn member(self, name: &str, value: Option<u64>) -> Self {
        match value {
            Some(value) => Self(finish(self.0 ^ pair(text(name), value))),
            None => self,
        }
    }

    /// The hash.
    pub fn value(self) -> u64 {
        self.0
    }
}
