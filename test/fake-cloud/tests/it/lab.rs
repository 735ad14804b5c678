//! A cloud with a clock in hand, and a small signer that shares nothing with the verifier.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
};

use axum::body::Body;
use chrono::DateTime;
use fake_cloud::{Config, FakeCloud};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

/// 2026-01-02T03:04:05Z, the time of the golden vectors.
pub(crate) const EPOCH: i64 = 1_767_323_045;

pub(crate) struct Lab {
    pub(crate) cloud: FakeCloud,
    clock: Arc<AtomicI64>,
    nonce: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    /// `OK` or the error code.
    pub(crate) fn code(&self) -> &str {
        let code = |name: &str| self.json.get(name).and_then(Value::as_str);
        if self.status == 200 { "OK" } else { code("Code").or(code("code")).unwrap_or("no code") }
    }

    /// The value at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The texts of one member of every row of a list.
    pub(crate) fn column(&self, list: &str, member: &str) -> Vec<String> {
        let rows = self.at(list).as_array().unwrap();
        rows.iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
    }

    /// Ids of a RunInstances answer.
    pub(crate) fn ids(&self) -> Vec<String> {
        serde_json::from_value(self.at("/InstanceIdSets/InstanceIdSet").clone()).unwrap()
    }
}

impl Lab {
    pub(crate) fn new() -> Lab {
        Lab::with(|_| {})
    }

    pub(crate) fn with(edit: impl FnOnce(&mut Config)) -> Lab {
        Lab::at(Lab::clock(), edit, FakeCloud::new)
    }

    /// A cloud that keeps `file`.
    pub(crate) fn stored(file: PathBuf) -> Lab {
        let open = |config| FakeCloud::open(config).unwrap();
        Lab::at(Lab::clock(), |config| config.data = Some(file), open)
    }

    /// The next process with the same file and the same clock.
    pub(crate) fn restarted(self, file: PathBuf) -> Lab {
        let open = |config| FakeCloud::open(config).unwrap();
        Lab::at(self.clock, |config| config.data = Some(file), open)
    }

    /// A configuration that keeps `file`, with a clock that stands.
    pub(crate) fn config(file: PathBuf) -> Config {
        let now = || DateTime::from_timestamp(EPOCH, 0).unwrap();
        Config { data: Some(file), ..Config::new(Arc::new(now), 7) }
    }

    /// A clock that stands at the epoch.
    pub(crate) fn clock() -> Arc<AtomicI64> {
        Arc::new(AtomicI64::new(EPOCH))
    }

    /// The clock, when the cloud is stopped.
    pub(crate) fn into_clock(self) -> Arc<AtomicI64> {
        self.clock
    }

    pub(crate) fn at(
        clock: Arc<AtomicI64>,
        edit: impl FnOnce(&mut Config),
        make: impl FnOnce(Config) -> FakeCloud,
    ) -> Lab {
        let read = Arc::clone(&clock);
        let now = move || DateTime::from_timestamp(read.load(SeqCst), 0).unwrap();
        let mut config = Config::new(Arc::new(now), 7);
        edit(&mut config);
        Lab { cloud: make(config), clock, nonce: AtomicU64::new(0) }
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, SeqCst);
    }

    pub(crate) fn date(&self) -> String {
        let now = DateTime::from_timestamp(self.clock.load(SeqCst), 0).unwrap();
        now.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// A signed ECS call; `RegionId` is added.
    pub(crate) async fn ecs(&self, action: &str, params: &[(&str, &str)]) -> Answer {
        self.try_ecs(action, params).await.expect("an answer")
    }

    /// As [`Lab::ecs`]; `None` when the connection broke.
    pub(crate) async fn try_ecs(&self, action: &str, params: &[(&str, &str)]) -> Option<Answer> {
        let params = [&[("RegionId", "cn-hangzhou")], params].concat();
        self.send(self.signed(action, "2014-05-26", &params)).await
    }

    pub(crate) async fn rpc(&self, action: &str, version: &str, params: &[(&str, &str)]) -> Answer {
        self.send(self.signed(action, version, params)).await.expect("an answer")
    }

    /// A signed ROA call.
    pub(crate) async fn cs(&self, method: &str, target: &str, body: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = self.signer("-", "2015-12-15").build(method, path, query, body);
        self.send(request).await.expect("an answer")
    }

    pub(crate) fn signed(
        &self,
        action: &str,
        version: &str,
        params: &[(&str, &str)],
    ) -> Request<Body> {
        self.signer(action, version).build("POST", "/", &canonical(params), "")
    }

    pub(crate) fn signer(&self, action: &str, version: &str) -> Signer {
        Signer {
            key: ("testid".into(), "testsecret".into()),
            headers: vec![
                ("host".into(), "127.0.0.1:4566".into()),
                ("x-acs-action".into(), action.into()),
                ("x-acs-version".into(), version.into()),
                ("x-acs-date".into(), self.date()),
                (
                    "x-acs-signature-nonce".into(),
                    format!("lab-{}", self.nonce.fetch_add(1, SeqCst)),
                ),
            ],
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Option<Answer> {
        let response = self.cloud.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, text, json })
    }

    /// The plainest launch there is, with more parameters on top.
    pub(crate) async fn launch(&self, more: &[(&str, &str)]) -> Answer {
        self.ecs("RunInstances", &launch_params(more)).await
    }
}

/// vSwitch of zone h.
pub(crate) const VSWITCH_H: &str = "vsw-bp1h0discovery0000000";
/// vSwitch of zone i.
pub(crate) const VSWITCH_I: &str = "vsw-bp1i0discovery0000001";
/// vSwitch of zone j.
pub(crate) const VSWITCH_J: &str = "vsw-bp1j0discovery0000002";
/// The tagged security group.
pub(crate) const GROUP: &str = "sg-bp1discovery000000001";
/// An x86 image.
pub(crate) const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250629.vhd";

/// Launch parameters; a name in `more` replaces the default, an empty value removes it.
pub(crate) fn launch_params<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let defaults = [
        ("InstanceType", "ecs.g7.large"),
        ("ImageId", IMAGE),
        ("VSwitchId", VSWITCH_H),
        ("SecurityGroupIds.1", GROUP),
        ("SystemDisk.Category", "cloud_essd"),
    ];
    let replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
    let kept = defaults.into_iter().filter(|(name, _)| !replaced(name));
    kept.chain(more.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

/// A request under construction with its headers, all of which are signed.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) key: (String, String),
    pub(crate) headers: Vec<(String, String)>,
}

impl Signer {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Signer {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn build(
        mut self,
        method: &str,
        path: &str,
        query: &str,
        body: &str,
    ) -> Request<Body> {
        let hash = hex::encode(Sha256::digest(body));
        self = self.header("x-acs-content-sha256", &hash);
        if !body.is_empty() {
            self = self.header("content-type", "application/json; charset=utf-8");
        }
        self.headers.sort();
        let lines: String = self.headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let request = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{hash}");
        let text = format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(request)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.1.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}",
            self.key.0
        );
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let mut builder = Request::builder().method(method).uri(target);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder.header("authorization", authorization).body(Body::from(body.to_owned())).unwrap()
    }
}

/// Sorted, percent-encoded query.
pub(crate) fn canonical(params: &[(&str, &str)]) -> String {
    let mut sorted = params.to_vec();
    sorted.sort_unstable();
    let member = |(k, v): &(&str, &str)| format!("{}={}", percent(k), percent(v));
    sorted.iter().map(member).collect::<Vec<_>>().join("&")
}

pub(crate) fn percent(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(b).to_string()
        }
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A request with headers and a body, signed by hand or not at all.
pub(crate) fn raw(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}
