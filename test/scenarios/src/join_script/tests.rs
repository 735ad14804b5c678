use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::JoinScript;

#[test]
fn labels_taints_and_pod_limit_are_read_from_a_quoted_command() {
    let config = STANDARD.encode(r#"{"kubelet_config":{"maxPods":15}}"#);
    let script = format!(
        "#!/bin/bash\ncurl http://x/attach_node.sh | bash -s -- --openapi-token t \
         --labels 'a=1,b.c/d=2' --taints karpenter.sh/unregistered:NoExecute,x=y:NoSchedule \
         --node-config {config}\n"
    );
    let read = JoinScript::read(&STANDARD.encode(script)).expect("there is a join script");
    assert_eq!(read.labels.get("b.c/d").map(String::as_str), Some("2"));
    assert_eq!(read.taints[0], ("karpenter.sh/unregistered".into(), "".into(), "NoExecute".into()));
    assert_eq!(read.taints[1], ("x".into(), "y".into(), "NoSchedule".into()));
    assert_eq!(read.max_pods, Some(15));
}

#[test]
fn user_data_without_join_script_is_not_a_cluster_member() {
    assert_eq!(JoinScript::read(&STANDARD.encode("#!/bin/bash\necho hello")), None);
    assert_eq!(JoinScript::read("not base64!"), None);
}
