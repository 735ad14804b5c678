//! Quantities against arithmetic on decimal digits of any length.

use super::*;
use proptest::prelude::*;

/// A text with what it means, worked out digit by digit.
#[derive(Clone, Debug)]
struct Sample {
    text: String,
    is_negative: bool,
    nanos: Digits,
}

/// A whole number, most significant digit first, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Digits(Vec<u8>);

impl Digits {
    fn new(digits: impl IntoIterator<Item = u8>) -> Self {
        Self(digits.into_iter().skip_while(|digit| *digit == 0).collect())
    }

    fn of(number: u128) -> Self {
        Self::new(number.to_string().bytes().map(|byte| byte - b'0'))
    }

    fn doubled(&self) -> Self {
        let mut carry = 0;
        let mut digits: Vec<u8> = vec![];
        for digit in self.0.iter().rev() {
            let sum = 2 * digit + carry;
            digits.push(sum % 10);
            carry = sum / 10;
        }
        digits.push(carry);
        Self::new(digits.into_iter().rev())
    }

    fn plus_one(mut self) -> Self {
        for digit in self.0.iter_mut().rev() {
            *digit = (*digit + 1) % 10;
            if *digit != 0 {
                return self;
            }
        }
        self.0.insert(0, 1);
        self
    }

    /// Times ten to the power of `places`; what falls off behind the point is rounded up.
    fn shifted(mut self, places: i64) -> Self {
        let n = usize::try_from(places.unsigned_abs()).unwrap();
        if places >= 0 {
            self.0.extend(std::iter::repeat_n(0, n));
            return Self::new(self.0);
        }
        let lost = self.0.split_off(self.0.len().saturating_sub(n));
        if lost.iter().any(|digit| *digit != 0) { self.plus_one() } else { self }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), &self.0).cmp(&(other.0.len(), &other.0))
    }

    fn is_at_most(&self, limit: u128) -> bool {
        self.cmp(&Self::of(limit)) != Ordering::Greater
    }
}

const DECIMAL: [(&str, i64); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];
const BINARY: [(&str, u32); 6] =
    [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// Largest amount with a binary suffix.
const BINARY_CAP: u128 = 9_223_372_036_854_775_807_000_000_000;

#[derive(Clone, Debug)]
enum Suffix {
    Decimal(String, i64),
    Binary(&'static str, u32),
}

fn suffix() -> impl Strategy<Value = Suffix> {
    let decimal = prop::sample::select(DECIMAL.to_vec());
    let binary = prop::sample::select(BINARY.to_vec());
    let exponent = (prop::sample::select(vec!["e", "E", "e+", "E-", "e-"]), 0_i64..40);
    prop_oneof![
        3 => decimal.prop_map(|(text, exponent)| Suffix::Decimal(text.to_owned(), exponent)),
        3 => binary.prop_map(|(text, shift)| Suffix::Binary(text, shift)),
        1 => exponent.prop_map(|(letter, n)| {
            Suffix::Decimal(format!("{letter}{n}"), if letter.ends_with('-') { -n } else { n })
        }),
    ]
}

/// Any text of the grammar whose amount is in range, or is capped.
fn sample() -> impl Strategy<Value = Sample> {
    let number = prop_oneof!["[0-9]{1,20}", "[0-9]{1,12}\\.[0-9]{0,20}", "\\.[0-9]{1,20}"];
    (prop::sample::select(vec!["", "-", "+"]), number, suffix()).prop_map(
        |(sign, number, suffix)| {
            let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
            let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0');
            let digits = Digits::new(digits);
            let places = 9 - i64::try_from(fraction.len()).unwrap();
            let (nanos, suffix) = match suffix {
                Suffix::Decimal(text, exponent) => (digits.shifted(places + exponent), text),
                Suffix::Binary(text, shift) => {
                    let exact = (0..shift).fold(digits, |digits, _| digits.doubled());
                    let nanos = exact.shifted(places);
                    let is_fine = nanos.is_at_most(BINARY_CAP);
                    (if is_fine { nanos } else { Digits::of(BINARY_CAP) }, text.to_owned())
                }
            };
            let text = format!("{sign}{number}{suffix}");
            Sample { text, is_negative: sign == "-" && !nanos.0.is_empty(), nanos }
        },
    )
}

impl Sample {
    fn is_in_range(&self) -> bool {
        self.nanos.is_at_most(i128::MAX.unsigned_abs())
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.nanos.cmp(&other.nanos),
            (true, true) => other.nanos.cmp(&self.nanos),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    /// The amount in steps of ten to the power of `places` nano units, rounded away from zero.
    fn steps(&self, places: i64) -> i64 {
        let steps = self.nanos.clone().shifted(-places);
        let text: String = steps.0.iter().map(|digit| char::from(digit + b'0')).collect();
        let sign = if self.is_negative { "-" } else { "" };
        let end = if self.is_negative { i64::MIN } else { i64::MAX };
        if text.is_empty() { 0 } else { format!("{sign}{text}").parse().unwrap_or(end) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_text_means_what_its_digits_say(sample in sample()) {
        let read = sample.text.parse::<Quantity>();
        if !sample.is_in_range() {
            prop_assert_eq!(read, Err(ParseQuantityError::OutOfRange(sample.text)));
            return Ok(());
        }
        let read = read.unwrap();
        prop_assert_eq!(read.is_negative(), sample.is_negative, "{}", sample.text);
        prop_assert_eq!(Digits::of(read.nanos().unsigned_abs()), sample.nanos, "{}", sample.text);
    }

    #[test]
    fn amounts_compare_as_their_digits_do(a in sample(), b in sample()) {
        prop_assume!(a.is_in_range() && b.is_in_range());
        let [left, right]: [Quantity; 2] = [&a, &b].map(|sample| sample.text.parse().unwrap());
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        prop_assert_eq!(left == right, a.cmp(&b) == Ordering::Equal);
    }

    #[test]
    fn whole_and_milli_amounts_are_rounded_away_from_zero(sample in sample()) {
        prop_assume!(sample.is_in_range());
        let quantity: Quantity = sample.text.parse().unwrap();
        prop_assert_eq!(quantity.units_ceil(), sample.steps(9));
        prop_assert_eq!(quantity.milli_ceil(), sample.steps(6));
    }

    #[test]
    fn the_canonical_text_means_the_same_and_is_its_own_canonical_text(sample in sample()) {
        prop_assume!(sample.is_in_range());
        let quantity: Quantity = sample.text.parse().unwrap();
        let text = quantity.to_string();
        let again: Quantity = text.parse().unwrap();
        prop_assert_eq!(again, quantity, "{} -> {}", sample.text, text);
        prop_assert_eq!(again.to_string(), text);
    }

    #[test]
    fn the_canonical_text_has_no_fraction_and_the_largest_suffix(sample in sample()) {
        prop_assume!(sample.is_in_range());
        let quantity: Quantity = sample.text.parse().unwrap();
        let text = quantity.to_string();
        prop_assert!(!text.contains('.'), "{}", text);
        let digits = text.trim_start_matches('-');
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, suffix) = digits.split_at(end);
        let number: i128 = number.parse().unwrap();
        match suffix {
            "Ei" => {}
            suffix if suffix.ends_with('i') => prop_assert_ne!(number % 1024, 0, "{}", text),
            _ if quantity.is_zero() => prop_assert_eq!(text, "0"),
            // Whole units of a binary amount may well end in zeros.
            _ if quantity.notation() == Notation::Binary && suffix.is_empty() => {}
            _ => prop_assert_ne!(number % 1000, 0, "{}", text),
        }
    }

    #[test]
    fn sums_are_exact_in_any_order(
        amounts in prop::collection::vec(-(1_i64 << 60)..(1_i64 << 60), 0..6),
    ) {
        let milli: Vec<Quantity> = amounts.iter().map(|n| Quantity::from_milli(*n)).collect();
        let sum = |amounts: &mut dyn Iterator<Item = &Quantity>| {
            amounts.fold(Quantity::ZERO, |sum, amount| sum + *amount)
        };
        let total: i128 = amounts.iter().map(|n| i128::from(*n)).sum();
        let expected = total * NANOS_PER_MILLI;
        prop_assert_eq!(sum(&mut milli.iter()).nanos(), expected);
        prop_assert_eq!(sum(&mut milli.iter().rev()).nanos(), expected);
        let less = milli.iter().fold(sum(&mut milli.iter()), |left, amount| left - *amount);
        prop_assert!(less.is_zero());
    }
}
