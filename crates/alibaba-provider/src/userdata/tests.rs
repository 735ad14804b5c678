//! User data: the join script with a node's settings, and the user's own parts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::taints::{Taint, TaintEffect};

use super::mime;
use super::render::{LIMIT, Recipe, UserDataError, user_data};
use super::script::{JoinScript, ScriptError};
use crate::api::bootstrap::UserDataPolicy;
use crate::api::node_class::ECSNodeClassSpec;
use crate::testing::claim;

const SCRIPT: &str = "curl http://example.invalid/attach_node.sh | bash -s -- --openapi-token 'a b' \
                      --labels a=b --taints x=y:NoSchedule --new-flag\n";

fn render(spec: &ECSNodeClassSpec, claim: &NodeClaim) -> Result<String, UserDataError> {
    let chosen = BTreeMap::from([("karpenter.sh/capacity-type".to_owned(), "spot".to_owned())]);
    let recipe = Recipe { spec, claim, cluster_id: "c1", chosen: &chosen, max_pods: 15 };
    let script = if spec.replaces_join_script() { None } else { Some(SCRIPT) };
    let encoded = user_data(recipe, script)?;
    Ok(String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("text"))
}

// behaviour 05#41
#[test]
fn settings_join_those_of_the_script_and_unknown_flags_stay() {
    let mut claim = claim([]);
    claim.taints = vec![Taint::new("x", "y", TaintEffect::NoSchedule), Taint::unregistered()];
    let text = render(&ECSNodeClassSpec::default(), &claim).expect("user data");
    let script = JoinScript::parse(&text).expect("a script");
    assert_eq!(script.flag("taints"), Some("karpenter.sh/unregistered:NoExecute,x=y:NoSchedule"));
    let labels = "a=b,ack.aliyun.com=c1,k8s.aliyun.com=true,karpenter.sh/capacity-type=spot,\
                  karpenter.sh/nodepool=pool";
    assert_eq!(script.flag("labels"), Some(labels));
    assert!(text.contains("--openapi-token 'a b'") && text.contains(" --new-flag "), "{text}");
}

// behaviour 05#42
#[test]
fn equal_inputs_give_equal_bytes() {
    let spec = ECSNodeClassSpec { user_data: Some("#!/bin/sh\n".into()), ..Default::default() };
    assert_eq!(render(&spec, &claim([])), render(&spec, &claim([])));
}

// behaviour 05#7
#[test]
fn kubelet_is_told_the_number_of_pods_the_scheduler_counts_with() {
    let text = render(&ECSNodeClassSpec::default(), &claim([])).expect("user data");
    let script = JoinScript::parse(&text).expect("a script");
    let config = STANDARD.decode(script.flag("node-config").expect("the flag")).expect("base64");
    assert_eq!(String::from_utf8_lossy(&config), r#"{"kubelet_config":{"maxPods":15}}"#);
}

// behaviour 05#44
#[test]
fn user_parts_follow_the_join_script_unless_marked_pre() {
    let config =
        ECSNodeClassSpec { user_data: Some("#cloud-config\na: b\n".into()), ..Default::default() };
    let text = render(&config, &claim([])).expect("user data");
    let kinds: Vec<String> = mime::parts(&text).into_iter().map(|part| part.content_type).collect();
    let media = |kind: &String| kind.split(';').next().unwrap_or_default().to_owned();
    assert_eq!(
        kinds.iter().map(media).collect::<Vec<_>>(),
        ["text/x-shellscript", "text/cloud-config"]
    );
    let early = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"B\"\n\n--B\n\
                 Content-Type: text/x-shellscript; stage=\"pre\"\n\necho first\n--B--\n";
    let early = ECSNodeClassSpec { user_data: Some(early.into()), ..Default::default() };
    let text = render(&early, &claim([])).expect("user data");
    assert!(text.find("echo first") < text.find("attach_node.sh"), "{text}");
}

// behaviour 05#45
#[test]
fn user_data_above_the_limit_are_refused() {
    let spec = ECSNodeClassSpec {
        user_data: Some("x".repeat(LIMIT + 1)),
        user_data_policy: Some(UserDataPolicy::Replace),
        ..Default::default()
    };
    assert_eq!(render(&spec, &claim([])), Err(UserDataError::TooLarge(LIMIT + 1)));
}

// behaviour 05#48
#[test]
fn replacing_user_data_are_used_verbatim() {
    let spec = ECSNodeClassSpec {
        user_data: Some("#!/bin/sh\necho own\n".into()),
        user_data_policy: Some(UserDataPolicy::Replace),
        ..Default::default()
    };
    assert_eq!(render(&spec, &claim([])).as_deref(), Ok("#!/bin/sh\necho own\n"));
}

#[test]
fn labels_a_kubelet_may_not_set_are_left_out() {
    use karpenter_core::model::requirement::Requirement;
    let claim = claim([
        Requirement::in_values("node-role.kubernetes.io/worker", ["x"]),
        Requirement::in_values("node.kubernetes.io/instance-type", ["ecs.g7.large"]),
        Requirement::in_values("team", ["a b"]),
    ]);
    let labels = super::settings::node_labels(&claim, &BTreeMap::new(), "c1");
    assert!(labels.contains_key("node.kubernetes.io/instance-type"));
    assert!(!labels.contains_key("node-role.kubernetes.io/worker") && !labels.contains_key("team"));
}

#[test]
fn text_without_the_known_call_is_refused_without_quoting_it() {
    assert_eq!(JoinScript::parse("echo secret"), Err(ScriptError::NoProgram));
    assert_eq!(JoinScript::parse("bash -s -- 'secret"), Err(ScriptError::Unclosed));
}

#[test]
fn carriage_returns_become_line_ends() {
    let script = JoinScript::parse("a\r\nbash -s -- --x 1\r\nb\r\n").expect("a script");
    assert_eq!(script.to_string(), "#!/bin/sh\na\nbash -s -- --x 1\nb\n");
}
