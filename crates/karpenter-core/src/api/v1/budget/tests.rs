use super::*;

fn nodes(text: &str, n_nodes: u32) -> Option<u32> {
    text.parse::<NodeCount>().ok().map(|count| count.of(n_nodes))
}

// behaviour 01#88
#[test]
fn a_percentage_of_the_nodes_is_rounded_up() {
    for (text, n_nodes, expected) in [
        ("10", 100, 10),
        ("10%", 100, 10),
        ("5%", 10, 1),
        ("1%", 101, 2),
        ("100%", 7, 7),
        ("10%", 0, 0),
        ("007", 100, 7),
        ("0%", 100, 0),
    ] {
        assert_eq!(nodes(text, n_nodes), Some(expected), "{text} of {n_nodes}");
    }
}

// behaviour 01#102
#[test]
fn a_count_written_around_the_schema_is_read_or_refused() {
    assert_eq!(nodes("1000%", 7), Some(70));
    for text in ["1000a%", "", "%", "-1", "+1", "10.5%", "99999999999999999999"] {
        assert_eq!(text.parse::<NodeCount>(), Err(ParseNodeCountError(text.into())));
    }
}

// behaviour 01#183
#[test]
fn counts_beyond_32_bits_saturate() {
    for text in ["2147483648", "4294967295", "4294967296", "9223372036854775807"] {
        assert_eq!(nodes(text, 1), Some(2_147_483_647), "{text}");
    }
    assert_eq!(nodes("4294967295%", u32::MAX), Some(2_147_483_647));
}

// behaviour 01#184
#[test]
fn absent_reasons_mean_all_and_no_reasons_mean_none() {
    let mut budget = Budget::always("1");
    assert!(budget.applies_to(DisruptionReason::Empty));
    budget.reasons = Some(vec![DisruptionReason::Drifted]);
    assert!(!budget.applies_to(DisruptionReason::Empty));
    budget.reasons = Some(vec![]);
    assert!(!budget.applies_to(DisruptionReason::Drifted));
}

// behaviour 01#10
#[test]
fn a_budget_without_nodes_gets_ten_per_cent() {
    let budget: Budget = serde_json::from_str(r#"{"schedule":"@daily","duration":"1h"}"#).unwrap();
    assert_eq!(budget.nodes, "10%");
}
