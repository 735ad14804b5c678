//! The world against a genuine kube-apiserver, where `KUBEBUILDER_ASSETS` names a folder with one.
//!
//! Nobody but this test's programs plays the rest of the cluster: our scheduler, workload controllers and kubelets,
//! the fake cloud and the real controller. The ServiceAccount admission is off, for its controller is not there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::cluster::{Cluster, Seen};
use crate::kubectl::{kubectl, say};
use crate::parts::{Parts, path};
use crate::process::{Process, folder, free_port};

/// The only user there is.
const TOKEN: &str = "token-of-the-test";

/// Head of a SubjectPublicKeyInfo with a point on P-256. Source: RFC 5480.
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A kube-apiserver and its etcd.
struct Genuine {
    kubeconfig: PathBuf,
    _api: Process,
    _etcd: Process,
}

impl Genuine {
    fn start(assets: &Path, folder: &Path) -> Self {
        let (etcd_port, api_port) = (free_port(), free_port());
        let etcd_url = format!("http://127.0.0.1:{etcd_port}");
        let mut etcd = Command::new(assets.join("etcd"));
        etcd.arg("--unsafe-no-fsync")
            .arg(format!("--data-dir={}", path(&folder.join("etcd"))))
            .arg(format!("--listen-client-urls={etcd_url}"))
            .arg(format!("--advertise-client-urls={etcd_url}"))
            .arg("--listen-peer-urls=http://127.0.0.1:0");
        let etcd = Process::start(folder, "etcd", etcd);
        write_keys(folder);
        fs::write(folder.join("tokens"), format!("{TOKEN},admin,admin,system:masters\n"))
            .expect("written");
        let mut api = Command::new(assets.join("kube-apiserver"));
        api.args(["--bind-address=127.0.0.1", "--authorization-mode=AlwaysAllow"])
            .args(["--service-account-issuer=https://kubernetes.default.svc"])
            .args(["--disable-admission-plugins=ServiceAccount"])
            .args(["--service-cluster-ip-range=10.255.0.0/24"])
            .arg(format!("--secure-port={api_port}"))
            .arg(format!("--etcd-servers={etcd_url}"))
            .arg(format!("--cert-dir={}", path(&folder.join("certificates"))))
            .arg(format!("--token-auth-file={}", path(&folder.join("tokens"))))
            .arg(format!("--service-account-key-file={}", path(&folder.join("public.pem"))))
            .arg(format!("--service-account-signing-key-file={}", path(&folder.join("key.pem"))));
        let api = Process::start(folder, "kube-apiserver", api);
        let kubeconfig = folder.join("kubeconfig");
        fs::write(&kubeconfig, kubeconfig_of(api_port)).expect("written");
        Self { kubeconfig, _api: api, _etcd: etcd }
    }
}

/// A fresh key for service account tokens, which the server insists on.
fn write_keys(folder: &Path) {
    let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("the same key");
    let public = [&P256_HEAD[..], pair.public_key().as_ref()].concat();
    for (name, label, bytes) in
        [("key.pem", "PRIVATE KEY", key.as_ref()), ("public.pem", "PUBLIC KEY", &public[..])]
    {
        let text = STANDARD.encode(bytes);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"));
        fs::write(folder.join(name), pem).expect("written");
    }
}

/// The server makes its certificate itself, so nobody can know it beforehand.
fn kubeconfig_of(port: u16) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: genuine\n\
         clusters:\n- name: genuine\n  cluster: {{server: \"https://127.0.0.1:{port}\", \
         insecure-skip-tls-verify: true}}\n\
         contexts:\n- name: genuine\n  context: {{cluster: genuine, user: admin}}\n\
         users:\n- name: admin\n  user: {{token: {TOKEN}}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_come_and_go_with_a_genuine_api_server() {
    let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS") else {
        say(
            "left out, KUBEBUILDER_ASSETS is not set: nothing ran against a genuine kube-apiserver",
        );
        return;
    };
    let folder = folder("genuine");
    let genuine = Genuine::start(Path::new(&assets), &folder);
    let parts = Parts::start(&folder, &genuine.kubeconfig);
    let cluster = Cluster::new(&genuine.kubeconfig, &parts.cloud_url()).await;
    let examples = ["ecsnodeclass", "nodepool-general", "nodepool-spot", "agent-daemonset"];
    for example in examples.into_iter().chain(["inflate", "inflate-pdb", "inflate-spot"]) {
        cluster.apply(example).await;
    }
    cluster.scale("inflate", 40).await;
    cluster.scale("inflate-spot", 10).await;
    let all_run = |seen: &Seen| {
        let agents = seen.nodes.len();
        seen.running == seen.pods && seen.pods == 50 + agents && seen.belongs_together()
    };
    let seen = cluster.until("50 pods and an agent per node run", all_run).await;
    let node = seen.nodes.first().expect("there are nodes");
    if let Some(text) = kubectl(&genuine.kubeconfig, &["get", "nodepools,nodeclaims,nodes"]) {
        assert!(text.contains(node.as_str()), "{text}");
    }
    cluster.delete(&format!("/api/v1/nodes/{node}")).await;
    cluster.until("the deleted node is gone", |seen| !seen.nodes.contains(node)).await;
    cluster.until("its pods run elsewhere", all_run).await;
    cluster.scale("inflate", 0).await;
    cluster.scale("inflate-spot", 0).await;
    cluster.until("nothing is left", Seen::is_empty).await;
}
