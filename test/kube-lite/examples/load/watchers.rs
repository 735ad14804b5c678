//! Clients that watch all the while and note when changes arrive.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures::StreamExt;
use http::Request;
use kube_lite::KubeLite;
use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::objects;
use crate::phases::now;

/// When a change was asked for, by its version.
pub(crate) type Sent = BTreeMap<u64, Instant>;

/// The first version of a piece, and when the piece came.
type Seen = Vec<(u64, Instant)>;

/// Open watches: half on all pods, the rest on nodes, one namespace or one label.
pub(crate) struct Watchers {
    tasks: Vec<JoinHandle<()>>,
    /// What all watches have seen.
    seen: Arc<Mutex<Seen>>,
    /// Versions up to which each watch of all pods has seen everything.
    progress: Vec<Arc<AtomicU64>>,
}

impl Watchers {
    /// Opens the watches.
    pub(crate) async fn start(server: &KubeLite, count: usize) -> Self {
        let mut watchers = Self { tasks: Vec::new(), seen: Arc::default(), progress: Vec::new() };
        for number in 0..count {
            let place = match number % 6 {
                0..3 => "pods?watch=1".to_owned(),
                3 => "nodes?watch=1".to_owned(),
                4 => format!("namespaces/{}/pods?watch=1", objects::namespace(number)),
                _ => "pods?watch=1&labelSelector=app%3Dweb-0001".to_owned(),
            };
            let request = Request::get(format!("/api/v1/{place}")).body(Body::empty());
            let answer = server.router().oneshot(request.expect("a valid request")).await;
            let body = answer.expect("the router never fails").into_body();
            let progress = Arc::new(AtomicU64::new(0));
            if number % 6 < 3 {
                watchers.progress.push(progress.clone());
            }
            watchers.tasks.push(tokio::spawn(read(body, progress, watchers.seen.clone())));
        }
        watchers
    }

    /// Waits until every watch of all pods has seen the newest of them.
    pub(crate) async fn settle(&self, server: &KubeLite) {
        let version = server.resource_version();
        while self.progress.iter().any(|seen| seen.load(Ordering::Relaxed) < version) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends the watches; time from each change to the piece that begins with it.
    pub(crate) async fn stop(self, sent: &Sent) -> Vec<Duration> {
        self.tasks.iter().for_each(JoinHandle::abort);
        for task in self.tasks {
            // A cancelled task is an ended one.
            let _ = task.await;
        }
        let delay = |(version, at): (u64, Instant)| Some(at.duration_since(*sent.get(&version)?));
        let seen = std::mem::take(&mut *self.seen.lock());
        seen.into_iter().filter_map(delay).collect()
    }
}

async fn read(body: Body, progress: Arc<AtomicU64>, seen: Arc<Mutex<Seen>>) {
    let mut pieces = body.into_data_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        let at = now();
        let mut lines = piece.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        if let Some(first) = lines.next() {
            seen.lock().extend(version(first).map(|version| (version, at)));
            let last = version(lines.next_back().unwrap_or(first));
            progress.fetch_max(last.unwrap_or_default(), Ordering::Relaxed);
        }
    }
}

/// Version in the text of an event.
fn version(line: &[u8]) -> Option<u64> {
    const MEMBER: &str = "\"resourceVersion\":\"";
    let text = std::str::from_utf8(line).ok()?;
    let (_, rest) = text.split_once(MEMBER)?;
    rest.split_once('"')?.0.parse().ok()
}
