use super::*;
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;

// behaviour 01#1
#[test]
fn a_duration_reads_back_with_the_text_it_was_given() {
    for (text, seconds) in
        [("30s", 30), ("1h30m5s", 5405), ("5s1h5s", 3610), ("0s", 0), ("0h", 0), ("90m", 5400)]
    {
        let json = format!("{text:?}");
        let read: NillableDuration = serde_json::from_str(&json).unwrap();
        assert_eq!(read.duration(), Some(Duration::from_secs(seconds)), "{text}");
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

// behaviour 01#1
// behaviour 01#5
#[test]
fn never_is_a_duration_that_is_none() {
    let read: NillableDuration = serde_json::from_str(r#""Never""#).unwrap();
    assert_eq!(read, NillableDuration::NEVER);
    assert_eq!((read.duration(), read.as_str()), (None, "Never"));
}

// behaviour 01#2
// behaviour 01#4
#[test]
fn what_is_no_duration_is_an_error() {
    for json in [r#""-1s""#, r#""1hr""#, r#""FooNever""#, r#""never""#, r#""""#, "720", "null"] {
        assert!(serde_json::from_str::<NillableDuration>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<TextDuration>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<TextDuration>(r#""Never""#).is_err());
}

// behaviour 01#8
#[test]
fn durations_beyond_the_longest_are_refused_not_capped() {
    let refused =
        |text: &str| parse_nanos(text) == Err(ParseDurationError::OutOfRange(text.into()));
    assert!(refused("999999999999999999999h"));
    assert!(refused("2562048h"));
    assert!(refused("9223372036854775808ns"));
    assert_eq!(parse_nanos("2562047h47m16.854775807s"), Ok(i64::MAX));
    assert_eq!(parse_nanos("-9223372036854775808ns"), Ok(i64::MIN));
}

// behaviour 01#9
#[test]
fn canonical_text_ends_in_seconds_and_has_no_needless_unit() {
    let print = |seconds| print(Duration::from_secs(seconds));
    assert_eq!(print(720 * 3600), "720h0m0s");
    assert_eq!(print(60), "1m0s");
    assert_eq!(print(0), "0s");
    assert_eq!(print(3599), "59m59s");
    assert_eq!(NillableDuration::new(Duration::from_secs(8 * 3600)).as_str(), "8h0m0s");
}

#[test]
fn all_units_signs_and_fractions_of_go_are_read() {
    for (text, nanos) in [
        ("1.5h", 5400 * SECOND),
        ("100ms", SECOND / 10),
        ("-5m", -300 * SECOND),
        ("+5s", 5 * SECOND),
        ("0", 0),
        ("1us1\u{b5}s1ns", 2001),
        (".5s", SECOND / 2),
        ("0.3333333333333333333h", 1200 * SECOND - 1),
    ] {
        assert_eq!(parse_nanos(text), Ok(nanos), "{text}");
    }
    for text in ["", "-", "1", "s", ".s", "1.s.", "1d", "3000", "0x1s", "- 5s"] {
        let error = ParseDurationError::Malformed(text.into());
        assert_eq!(parse_nanos(text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn canonical_text_reads_back(nanos in 0..=i64::MAX) {
        let duration = Duration::from_nanos(nanos.unsigned_abs());
        prop_assert_eq!(parse_nanos(&print(duration)), Ok(nanos));
    }
}
