//! The kind as clusters know it.

use crate::api::{KWOKNodeClass, document};

#[test]
fn the_definition_names_the_kind_of_upstream() {
    let definition = document();
    assert_eq!(definition["metadata"]["name"], "kwoknodeclasses.karpenter.kwok.sh");
    assert_eq!(definition["spec"]["scope"], "Cluster");
    let version = &definition["spec"]["versions"][0];
    assert_eq!(version["name"], "v1alpha1");
    let spec = &version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    assert_eq!(spec["nodeRegistrationDelay"]["pattern"], "^([0-9]+(s|m|h))+$");
}

#[test]
fn a_delay_is_read_and_silence_is_none() {
    let class = |spec: &str| -> KWOKNodeClass {
        let text = format!(
            r#"{{"apiVersion": "karpenter.kwok.sh/v1alpha1", "kind": "KWOKNodeClass",
                "metadata": {{"name": "default"}}, "spec": {{{spec}}}}}"#
        );
        serde_json::from_str(&text).expect("a class")
    };
    assert_eq!(class(r#""nodeRegistrationDelay": "1m30s""#).delay().as_secs(), 90);
    assert_eq!(class("").delay().as_secs(), 0);
}
