//! Lines of data files.

use bytes::Bytes;

use super::record::{Op, Record, unsealed};
use crate::object::Key;

fn record(namespace: &str) -> Record {
    Record {
        version: 42,
        op: Op::Remove,
        id: (String::new(), "pods".to_owned()),
        key: Key::new(namespace, "a"),
        json: Bytes::from_static(b"{\"text\": \"with blanks\"}"),
    }
}

#[test]
fn a_line_reads_back_as_what_was_written() {
    for namespace in ["", "default"] {
        let mut line = Vec::new();
        record(namespace).encode(&mut line);
        let text = unsealed(line.strip_suffix(b"\n").expect("a whole line")).expect("a fit sum");
        assert_eq!(Record::decode(text), Some(record(namespace)));
    }
}

#[test]
fn every_changed_byte_breaks_the_checksum() {
    let mut line = Vec::new();
    record("default").encode(&mut line);
    line.pop();
    for place in 0..line.len() {
        let mut damaged = line.clone();
        damaged[place] ^= 2;
        assert_eq!(unsealed(&damaged), None, "byte {place}");
    }
    assert_eq!(unsealed(&line[..line.len() - 1]), None);
}
