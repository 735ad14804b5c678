use super::{calls, findings, layers, origins, packages};
use crate::source::{Source, root};

fn core_file(path: &str, text: &str) -> Source {
    Source { path: format!("crates/karpenter-core/src/{path}"), text: text.to_owned() }
}

#[test]
fn the_repository_is_tidy() {
    let root = root().expect("the root is above");
    assert_eq!(findings(&root).expect("all files can be read"), Vec::<String>::new());
}

#[test]
fn a_conformance_test_without_a_source_is_found() {
    let file =
        |text: &str| Source { path: "test/x/tests/it/a.rs".to_owned(), text: text.to_owned() };
    for text in ["#[test]\nfn a() {}", "//! Source: \n    #[tokio::test]\nasync fn a() {}"] {
        assert_eq!(origins::check(&[file(text)]).len(), 1, "{text}");
    }
    for text in
        ["fn helper() {}", "//! Lists.\n//!\n//! Source: Alibaba action A.\n#[test]\nfn a() {}"]
    {
        assert!(origins::check(&[file(text)]).is_empty(), "{text}");
    }
}

#[test]
fn an_arrow_that_goes_up_is_found() {
    let bad = core_file("model/pod.rs", "use crate::state::ClusterState;");
    let good = core_file("decide/plan.rs", "use crate::model::pod::Pod;\n// use crate::effects::x");
    assert_eq!(layers::check(&[bad]).len(), 1);
    assert!(layers::check(&[good]).is_empty());
}

#[test]
fn a_module_outside_all_layers_is_found() {
    assert_eq!(layers::check(&[core_file("helpers.rs", "")]).len(), 1);
}

#[test]
fn clocks_logs_and_runtimes_are_found_in_pure_layers_only() {
    for text in ["async fn f() {}", "tokio::spawn(f)", "tracing::info!()", "Timestamp::now()"] {
        assert_eq!(calls::check_layers(&[core_file("decide/a.rs", text)]).len(), 1, "{text}");
        assert!(calls::check_layers(&[core_file("effects/a.rs", text)]).is_empty(), "{text}");
    }
}

#[test]
fn a_select_must_be_biased() {
    let bad = core_file("controllers/a.rs", "tokio::select! {\n    x = y => {}\n}");
    let good = core_file("controllers/a.rs", "tokio::select! {\n    biased;\n    x = y => {}\n}");
    assert_eq!(calls::check_everywhere(&[bad]).len(), 1);
    assert!(calls::check_everywhere(&[good]).is_empty());
}

#[test]
fn fakes_must_not_depend_on_the_client_they_test() {
    let manifest =
        "[package]\nname = \"fake-cloud\"\n[dependencies]\nalibaba-sdk.workspace = true\n";
    let findings = packages::check_manifest("test/fake-cloud/Cargo.toml", manifest);
    assert_eq!(findings.expect("the manifest is well formed").len(), 1);
    let manifest = "[package]\nname = \"alibaba-sdk\"\n[dependencies]\nkube.workspace = true\n";
    let findings = packages::check_manifest("crates/alibaba-sdk/Cargo.toml", manifest);
    assert_eq!(findings.expect("the manifest is well formed").len(), 1);
}

#[test]
fn tests_may_use_what_must_not_be_shipped() {
    let arrows = |sections: &str| {
        let manifest = format!("[package]\nname = \"karpenter\"\n{sections}");
        packages::check_manifest("bin/karpenter/Cargo.toml", &manifest).expect("well formed").len()
    };
    assert_eq!(arrows("[dev-dependencies]\nkube-lite.workspace = true\n"), 0);
    assert_eq!(arrows("[dev-dependencies.kube-lite]\nworkspace = true\n"), 0);
    for shipped in [
        "[dependencies]\nkube-lite.workspace = true\n",
        "[dependencies.kube-lite]\nworkspace = true\n",
        "[build-dependencies]\nkube-lite.workspace = true\n",
        "[target.'cfg(unix)'.dependencies]\nkube-lite = { workspace = true }\n",
        "[dev-dependencies]\naxum.workspace = true\n[dependencies]\nkube-lite.workspace = true\n",
        // Not even tests of the process may go around it.
        "[dev-dependencies]\nkarpenter-core.workspace = true\n",
    ] {
        assert_eq!(arrows(shipped), 1, "{shipped}");
    }
}
