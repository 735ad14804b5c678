//! Encoding and decoding laws.

use super::codec::{canonical_query, decode, decode_form, encode};

// behaviour 06#4
#[test]
fn reserved_bytes_become_upper_case_percent_codes_and_unreserved_stay() {
    for (text, encoded) in [
        (" ", "%20"),
        ("*", "%2A"),
        ("~", "~"),
        ("+", "%2B"),
        ("/", "%2F"),
        ("🚀", "%F0%9F%9A%80"),
        ("aZ09-_.~", "aZ09-_.~"),
    ] {
        assert_eq!(encode(text), encoded);
        assert_eq!(decode(encoded), text);
    }
}

// behaviour 06#5
#[test]
fn parameters_are_sorted_by_key_bytes() {
    let pairs: Vec<(String, String)> =
        [1, 2, 9, 10, 11, 12].map(|n| (format!("Tag.{n}.Key"), "k".into())).into();
    let keys: Vec<String> =
        canonical_query(&pairs).split("&").map(|m| m.replace("=k", "")).collect();
    let expected =
        ["Tag.1.Key", "Tag.10.Key", "Tag.11.Key", "Tag.12.Key", "Tag.2.Key", "Tag.9.Key"];
    assert_eq!(keys, expected);
}

// behaviour 06#6
#[test]
fn empty_values_stay_in_the_canonical_query() {
    let pairs = decode_form("Tag.1.Value=&Tag.1.Key=a");
    assert_eq!(canonical_query(&pairs), "Tag.1.Key=a&Tag.1.Value=");
}

#[test]
fn plus_and_percent_twenty_are_both_spaces_in_a_query() {
    let pairs = decode_form("a=b+c&d=e%20f&g=h%2Bi&j");
    let expected = [("a", "b c"), ("d", "e f"), ("g", "h+i"), ("j", "")];
    assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
}

#[test]
fn broken_percent_codes_do_not_fail() {
    for text in ["%", "%G0", "%ff%fe", "=%2", "&&=&"] {
        decode_form(text);
    }
}
