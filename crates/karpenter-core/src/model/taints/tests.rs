use super::*;

fn taint(text: &str) -> Taint {
    let (rest, effect) = text.rsplit_once(':').unwrap();
    let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
    Taint::new(key, value, effect.into())
}

fn toleration(key: &str, operator: &str, value: &str, effect: &str) -> Toleration {
    let effect = (!effect.is_empty()).then(|| effect.into());
    Toleration { key: key.into(), operator: operator.into(), value: value.into(), effect }
}

// behaviour 02#81
#[test]
fn a_taint_without_toleration_is_named_and_an_open_toleration_takes_it() {
    let taints = [taint("a=b:NoSchedule"), taint("c:NoExecute")];
    let message = tolerates(&[], &taints).unwrap_err().to_string();
    let expected =
        "did not tolerate taint (taint=a=b:NoSchedule); did not tolerate taint (taint=c:NoExecute)";
    assert_eq!(message, expected);
    assert_eq!(tolerates(&[toleration("", "Exists", "", "")], &taints), Ok(()));
}

#[test]
fn a_toleration_must_agree_in_key_effect_and_value() {
    let taint = taint("a=b:NoSchedule");
    for (toleration, expected) in [
        (toleration("a", "", "b", "NoSchedule"), true),
        (toleration("a", "Equal", "b", ""), true),
        (toleration("a", "Exists", "", ""), true),
        (toleration("", "Equal", "b", ""), true),
        (toleration("a", "Equal", "c", ""), false),
        (toleration("x", "Exists", "", ""), false),
        (toleration("a", "Exists", "", "NoExecute"), false),
        (toleration("a", "Odd", "b", ""), false),
    ] {
        assert_eq!(toleration.tolerates(&taint), expected, "{toleration:?}");
    }
}

#[test]
fn a_soft_taint_needs_a_toleration_too() {
    assert!(tolerates(&[], &[taint("a:PreferNoSchedule")]).is_err());
}

// behaviour 02#83
#[test]
fn numeric_tolerations_compare_integers_only() {
    let five = taint("a=5:NoSchedule");
    assert!(toleration("a", "Gt", "4", "").tolerates(&five));
    assert!(!toleration("a", "Gt", "5", "").tolerates(&five));
    assert!(toleration("a", "Lt", "6", "").tolerates(&five));
    assert!(!toleration("a", "Gt", "x", "").tolerates(&five));
    assert!(!toleration("a", "Gt", "4", "").tolerates(&taint("a=x:NoSchedule")));
}

// behaviour 01#79
// behaviour 02#84
#[test]
fn taints_of_a_starting_node_are_known_by_key_and_effect() {
    for (text, expected) in [
        ("node.cloudprovider.kubernetes.io/uninitialized=false:NoSchedule", true),
        ("node.cloudprovider.kubernetes.io/uninitialized:NoExecute", false),
        ("node.kubernetes.io/not-ready:NoExecute", true),
        ("node.kubernetes.io/unreachable:NoExecute", false),
        ("karpenter.sh/unregistered:NoExecute", true),
        ("readiness.k8s.io/foo:NoExecute", true),
        ("readiness.k8s.io/x:AnyEffect", true),
        ("x.readiness.k8s.io/:NoSchedule", false),
    ] {
        assert_eq!(taint(text).is_known_ephemeral(), expected, "{text}");
    }
}

// behaviour 01#80
#[test]
fn merging_adds_only_new_pairs_of_key_and_effect() {
    let merged =
        merge(&[taint("a=1:NoSchedule")], &[taint("a=2:NoSchedule"), taint("a:NoExecute")]);
    assert_eq!(merged, [taint("a=1:NoSchedule"), taint("a:NoExecute")]);
}

#[test]
fn an_absent_operator_means_equal_and_an_absent_effect_every_effect() {
    use k8s_openapi::api::core::v1;
    let read = Toleration::from(&v1::Toleration {
        key: Some("a".into()),
        value: Some("b".into()),
        effect: Some(String::new()),
        ..Default::default()
    });
    assert_eq!(read, toleration("a", "Equal", "b", ""));
    let node = v1::Taint { key: "a".into(), effect: "NoExecute".into(), ..Default::default() };
    assert_eq!(Taint::from(&node), taint("a:NoExecute"));
}
