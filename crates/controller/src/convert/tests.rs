//! Manifests in and out.

use super::*;

const MANIFESTS: &str = "
apiVersion: karpenter.k8s.alibabacloud/v1alpha1
kind: ECSNodeClass
metadata:
  name: default
spec:
  vSwitchSelectorTerms:
    - id: vsw-1
  securityGroupSelectorTerms:
    - id: sg-1
  imageSelectorTerms:
    - alias: ContainerOS
  dataDisks:
    - volumeSize: 40Gi
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: web
spec:
  template:
    spec:
      requirements: []
      nodeClassRef:
        group: karpenter.k8s.alibabacloud
        kind: ECSNodeClass
        name: default
---
";

#[test]
fn documents_of_a_file_become_documents_of_our_group() {
    let Converted { yaml, warnings } = convert(MANIFESTS, "-new").expect("manifests");
    let read: Vec<Value> = serde_saphyr::from_multiple(&yaml).expect("YAML");
    let [class, pool] = read.as_slice() else { panic!("{yaml}") };
    assert_eq!(class["apiVersion"], "karpenter.alibabacloud.com/v1alpha1");
    assert_eq!(class["spec"]["systemDisk"]["size"], 20);
    assert_eq!(pool["metadata"]["name"], "web-new");
    assert_eq!(pool["spec"]["weight"], 1);
    assert!(warnings.iter().any(|text| text.contains("dataDisks: left out")), "{warnings:?}");
}

#[test]
fn warnings_stand_beside_the_documents() {
    let (mut out, mut notes) = (vec![], vec![]);
    let path = std::env::temp_dir().join(format!("karpenter-convert-{}.yaml", std::process::id()));
    std::fs::write(&path, MANIFESTS).expect("a file");
    let arguments = Convert { filename: path.clone(), suffix: "-new".to_owned() };
    let ended = run(&arguments, &mut out, &mut notes);
    std::fs::remove_file(&path).expect("removed");
    ended.expect("converted");
    let (out, notes) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&notes));
    assert!(out.starts_with("---\n") && !out.contains("warning"), "{out}");
    assert!(notes.lines().all(|line| line.starts_with("warning: ")), "{notes}");
}

#[test]
fn lists_are_taken_apart_and_foreign_objects_passed_over() {
    let list = "
kind: List
apiVersion: v1
items:
  - { kind: Pod, apiVersion: v1, metadata: { name: p } }
  - kind: ECSNodeClass
    apiVersion: karpenter.k8s.alibabacloud/v1alpha1
    metadata: { name: default }
    spec: {}
";
    let Converted { yaml, warnings } = convert(list, "").expect("a list");
    assert_eq!(yaml.matches("---").count(), 1);
    assert!(warnings[0].starts_with("Pod p is neither"), "{warnings:?}");
}

#[test]
fn nothing_to_convert_is_an_error_that_says_why() {
    let error = convert("kind: Pod\nmetadata: {name: p}\n", "").expect_err("not ours");
    assert!(error.to_string().contains("Pod p is neither"), "{error}");
}
