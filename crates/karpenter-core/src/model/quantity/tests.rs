use super::*;
use proptest::prelude::*;

fn check(text: &str, canonical: &str, nanos: i128) {
    let quantity: Quantity = text.parse().unwrap();
    assert_eq!(quantity.nanos(), nanos, "amount of {text}");
    assert_eq!(quantity.to_string(), canonical, "text of {text}");
}

#[test]
fn every_form_is_read_exactly_and_printed_canonically() {
    let unit = NANOS_PER_UNIT;
    check("0", "0", 0);
    check("-0.000", "0", 0);
    check("1", "1", unit);
    check("+1", "1", unit);
    check("0.5", "500m", unit / 2);
    check(".5", "500m", unit / 2);
    check("1.", "1", unit);
    check("1500m", "1500m", 3 * unit / 2);
    check("2000m", "2", 2 * unit);
    check("100n", "100n", 100);
    check("1000u", "1m", unit / 1000);
    check("1500000", "1500k", 1_500_000 * unit);
    check("966367641600m", "966367641600m", 966_367_641_600 * unit / 1000);
    check("12e6", "12e6", 12_000_000 * unit);
    check("1200e4", "12e6", 12_000_000 * unit);
    check("1E3", "1e3", 1000 * unit);
    check("1e-3", "1e-3", unit / 1000);
    check("1E", "1E", 1_000_000_000_000_000_000 * unit);
    check("1Ki", "1Ki", 1024 * unit);
    check("1024Ki", "1Mi", 1024 * 1024 * unit);
    check("1.5Gi", "1536Mi", 1536 * 1024 * 1024 * unit);
    check("-1Gi", "-1Gi", -(1 << 30) * unit);
    check("0.5Ki", "512", 512 * unit);
    check("1025", "1025", 1025 * unit);
}

#[test]
fn what_is_finer_than_nano_is_rounded_away_from_zero() {
    check("1.0000000001", "1000000001n", NANOS_PER_UNIT + 1);
    check("0.0000000001", "1n", 1);
    check("-0.0000000001", "-1n", -1);
    check("1e-2000000000", "1e-9", 1);
    check("0.00000000001Ki", "11n", 11);
    check("0.1Ki", "102400m", 102_400_000_000);
}

#[test]
fn binary_amounts_are_capped_at_the_largest_integer() {
    check("8Ei", "9223372036854775807", i128::from(i64::MAX) * NANOS_PER_UNIT);
    check("-100Ei", "-9223372036854775807", -i128::from(i64::MAX) * NANOS_PER_UNIT);
}

#[test]
fn texts_that_are_no_quantity_are_refused_by_kind() {
    for text in ["", "+", "-", ".", " 1", "m", "--1", "Ki"] {
        assert_eq!(text.parse::<Quantity>(), Err(ParseQuantityError::Malformed(text.into())));
    }
    for text in ["1 ", "1.1.M", "0.1mi", "1i", "1KI", "1K", "1e", "1e1.5", "3.01e-", "0x1", "1_0"] {
        assert_eq!(text.parse::<Quantity>(), Err(ParseQuantityError::Suffix(text.into())));
    }
    for text in ["1e30", "1e2147483647", "999999999999999999E"] {
        assert_eq!(text.parse::<Quantity>(), Err(ParseQuantityError::OutOfRange(text.into())));
    }
    assert!("9".repeat(129).parse::<Quantity>().is_err());
}

#[test]
fn whole_and_milli_amounts_round_away_from_zero_and_saturate() {
    let quantity = |text: &str| text.parse::<Quantity>().unwrap();
    assert_eq!(quantity("1001m").units_ceil(), 2);
    assert_eq!(quantity("-1001m").units_ceil(), -2);
    assert_eq!(quantity("1500u").milli_ceil(), 2);
    assert_eq!(quantity("2").milli_ceil(), 2000);
    assert_eq!(quantity("100E").units_ceil(), i64::MAX);
    assert_eq!(quantity("-100E").units_ceil(), i64::MIN);
}

#[test]
fn a_sum_prints_like_its_first_side_unless_that_is_zero() {
    let (one_gi, one): (Quantity, Quantity) = ("1Gi".parse().unwrap(), "1".parse().unwrap());
    assert_eq!((one_gi + one_gi).to_string(), "2Gi");
    assert_eq!((one + one_gi).to_string(), "1073741825");
    assert_eq!((Quantity::ZERO + one_gi).to_string(), "1Gi");
    assert_eq!((Quantity::ZERO - one_gi).to_string(), "-1Gi");
    assert_eq!((one_gi - one_gi).to_string(), "0");
}

#[test]
fn amounts_compare_without_regard_to_notation() {
    let (a, b): (Quantity, Quantity) = ("1Ki".parse().unwrap(), "1024".parse().unwrap());
    assert_eq!(a, b);
    assert!(a < "1025".parse().unwrap());
    assert!((-a).is_negative() && !a.is_negative());
    assert_eq!(a.times(-2).to_string(), "-2Ki");
}

proptest! {
    #[test]
    fn printing_and_reading_again_keeps_the_amount(
        nanos in -(1_i128 << 100)..(1_i128 << 100),
        notation in prop_oneof![Just(Notation::Decimal), Just(Notation::Exponent)],
    ) {
        let quantity = Quantity { nanos, notation };
        prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
    }

    #[test]
    fn binary_amounts_print_and_read_back(units in any::<i64>()) {
        let quantity = Quantity::from_bytes(units.max(-i64::MAX));
        prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
    }

    #[test]
    fn reading_any_text_does_not_panic(text in "[-+0-9.eEinumkKMGTP]{0,12}") {
        let _ = text.parse::<Quantity>();
    }
}
