//! State that survives a restart.
//!
//! Source: Kubernetes API concepts, "Resource versions" and "410 Gone responses".

use std::fs;
use std::path::{Path, PathBuf};

use http::Method;
use kube_lite::{DataError, KubeLite};
use serde_json::{Value, json};

use crate::support::{PODS, call, config, list_of, pod};
use crate::watches::{events, kinds};

/// A directory that is removed at the end of its test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kube-lite-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> KubeLite {
        KubeLite::open(config().data(&self.0)).expect("a sound directory")
    }

    /// Names of the data files, sorted.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a directory");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
        names.retain(|name| name != "lock");
        names.sort_unstable();
        names
    }

    fn newest_journal(&self) -> PathBuf {
        let names = self.files();
        let name = names.iter().rfind(|name| name.starts_with("journal")).expect("a journal");
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn create(server: &KubeLite, name: &str) -> Value {
    let (code, body) = call(server, Method::POST, PODS, pod(name)).await;
    assert_eq!(code, 201, "{body}");
    body
}

/// Everything a client can read.
async fn everything(server: &KubeLite) -> Vec<Value> {
    let mut all = list_of(server, "/api/v1/pods").await;
    all.extend(list_of(server, "/api/v1/namespaces").await);
    all.extend(list_of(server, "/apis/scheduling.k8s.io/v1/priorityclasses").await);
    all
}

#[tokio::test]
async fn objects_and_versions_survive_a_restart() {
    let dir = Directory::new("restart");
    let (before, version, uid) = {
        let server = dir.open();
        create(&server, "gone").await;
        let uid = create(&server, "kept").await["metadata"]["uid"].clone();
        call(&server, Method::DELETE, &format!("{PODS}/gone"), Value::Null).await;
        (everything(&server).await, server.resource_version(), uid)
    };
    let server = dir.open();
    assert_eq!(server.resource_version(), version);
    assert_eq!(everything(&server).await, before);
    let new = create(&server, "new").await;
    assert_eq!(new["metadata"]["resourceVersion"], json!((version + 1).to_string()));
    assert_ne!(new["metadata"]["uid"], uid);
}

#[tokio::test]
async fn compaction_bounds_the_files_and_loses_nothing() {
    let dir = Directory::new("compaction");
    let open = || KubeLite::open(config().data(&dir.0).journal_bytes(4096)).expect("opened");
    let before = {
        let server = open();
        create(&server, "a").await;
        for round in 0..300 {
            let mut changed = pod("a");
            changed["metadata"]["labels"] = json!({"round": round.to_string()});
            let (code, body) = call(&server, Method::PUT, &format!("{PODS}/a"), changed).await;
            assert_eq!(code, 200, "{body}");
        }
        everything(&server).await
    };
    let files = dir.files();
    assert!(files.iter().any(|name| name.starts_with("snapshot")), "{files:?}");
    let server = open();
    assert_eq!(everything(&server).await, before);
    drop(server);
    let sizes = dir.files().into_iter().map(|name| fs::metadata(dir.0.join(name)));
    let bytes: u64 = sizes.map(|size| size.expect("a file").len()).sum();
    assert!(bytes < 100_000, "{bytes} bytes after 300 writes of one pod");
}

#[tokio::test(start_paused = true)]
async fn a_watch_goes_on_after_a_restart_from_the_journal_or_has_expired() {
    let dir = Directory::new("watch");
    let version = {
        let server = dir.open();
        create(&server, "a").await;
        let version = server.resource_version();
        create(&server, "b").await;
        version
    };
    let path = |version| format!("{PODS}?watch=1&timeoutSeconds=1&resourceVersion={version}");
    {
        let server = dir.open();
        let seen = events(&server, &path(version)).await;
        assert_eq!(kinds(&seen), ["ADDED"]);
        assert_eq!(seen[0].1["metadata"]["name"], "b");
    }
    let compacted = KubeLite::open(config().data(&dir.0).journal_bytes(1)).expect("opened");
    create(&compacted, "c").await;
    drop(compacted);
    let seen = events(&dir.open(), &path(version)).await;
    assert_eq!((kinds(&seen), &seen[0].1["code"]), (vec!["ERROR"], &json!(410)));
}

#[tokio::test]
async fn an_incomplete_last_line_is_cut_off() {
    let dir = Directory::new("tail");
    let server = dir.open();
    for name in ["a", "b"] {
        create(&server, name).await;
    }
    drop(server);
    let path = dir.newest_journal();
    let whole = fs::read(&path).expect("readable");
    fs::write(&path, &whole[..whole.len() - 10]).expect("writable");
    let server = dir.open();
    assert_eq!(list_of(&server, PODS).await.len(), 1);
    create(&server, "c").await;
    drop(server);
    assert_eq!(list_of(&dir.open(), PODS).await.len(), 2);
}

fn damage(path: &Path, line: usize) {
    let text = fs::read_to_string(path).expect("readable");
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    lines[line - 1] = lines[line - 1].replace("default", "defauld");
    fs::write(path, lines.concat()).expect("writable");
}

#[tokio::test]
async fn damage_before_the_end_names_the_file_and_the_line() {
    let dir = Directory::new("middle");
    let server = dir.open();
    create(&server, "a").await;
    drop(server);
    let path = dir.newest_journal();
    damage(&path, 1);
    let refused = KubeLite::open(config().data(&dir.0)).expect_err("a damaged journal");
    assert_eq!(refused.to_string(), format!("{}:1: the checksum does not fit", path.display()));
}

#[tokio::test]
async fn a_directory_serves_one_server_at_a_time() {
    let dir = Directory::new("lock");
    let _server = dir.open();
    let refused = KubeLite::open(config().data(&dir.0));
    assert!(matches!(refused, Err(DataError::InUse { .. })), "{refused:?}");
}

#[tokio::test]
async fn custom_kinds_owners_and_closing_namespaces_survive() {
    let dir = Directory::new("derived");
    let things = "/apis/x.io/v1/namespaces/default/things";
    let maps = "/api/v1/namespaces/closing/configmaps";
    let owner = {
        let server = dir.open();
        let schema = json!({"openAPIV3Schema": {"type": "object",
            "properties": {"spec": {"type": "object", "properties": {}}}}});
        let names = json!({"plural": "things", "singular": "thing", "kind": "Thing"});
        let versions = json!([{"name": "v1", "served": true, "storage": true, "schema": schema}]);
        let spec = json!({"group": "x.io", "scope": "Namespaced", "names": names,
            "versions": versions});
        server
            .install_crd(json!({"metadata": {"name": "things.x.io"}, "spec": spec}))
            .expect("a valid definition");
        let (code, owner) =
            call(&server, Method::POST, things, json!({"metadata": {"name": "t"}})).await;
        assert_eq!(code, 201, "{owner}");
        let mut child = pod("child");
        child["metadata"]["ownerReferences"] = json!([{"apiVersion": "x.io/v1", "kind": "Thing",
            "name": "t", "uid": owner["metadata"]["uid"]}]);
        call(&server, Method::POST, PODS, child).await;
        let namespace = json!({"metadata": {"name": "closing"}});
        call(&server, Method::POST, "/api/v1/namespaces", namespace).await;
        let held = json!({"metadata": {"name": "held", "finalizers": ["x/y"]}});
        call(&server, Method::POST, maps, held).await;
        call(&server, Method::DELETE, "/api/v1/namespaces/closing", Value::Null).await;
        owner
    };
    let server = dir.open();
    let (_, read) = call(&server, Method::GET, &format!("{things}/t"), Value::Null).await;
    assert_eq!(read, owner);
    call(&server, Method::DELETE, &format!("{things}/t"), Value::Null).await;
    assert_eq!(list_of(&server, PODS).await.len(), 0);
    let free = json!([{"op": "remove", "path": "/metadata/finalizers"}]);
    let patch = "application/json-patch+json";
    crate::support::call_as(&server, Method::PATCH, &format!("{maps}/held"), patch, free).await;
    let (code, _) = call(&server, Method::GET, "/api/v1/namespaces/closing", Value::Null).await;
    assert_eq!(code, 404);
}
