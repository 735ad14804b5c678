//! Watches: a stream of the changes of one kind.
//!
//! # Guarantees
//! Every selected change after the start version is shown once, in order, however slow the reader
//! is, as long as it stays inside the window; a reader that falls out of it gets an `ERROR` event
//! with code 410 and the stream ends.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::{Stream, stream};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Sleep;

use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::Params;
use crate::state::State;
use crate::store::{Change, Selector, Stored, seen_effect};
use crate::view::View;
use crate::write_log::Effect;

/// Pause between bookmarks. Source: Kubernetes API (about a minute).
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);

/// Length of a watch that names none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Longest watch a client may ask for.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Start version of a watch that wants initial events.
struct Start {
    version: u64,
    first: Bytes,
}

/// One open watch.
struct Watch {
    state: Arc<Mutex<State>>,
    kind: Arc<Kind>,
    namespace: Option<String>,
    selector: Selector,
    view: View,
    /// Version up to which everything was shown.
    shown: u64,
    signal: Arc<Notify>,
    bookmarks: bool,
    next_bookmark: Pin<Box<Sleep>>,
    end: Pin<Box<Sleep>>,
    over: bool,
    first: Bytes,
}

/// Opens a watch: the body of the answer.
///
/// # Errors
/// `BadRequest` for an unreadable selector, `Invalid` for initial events without their companion
/// parameters, `Timeout` for a version in the future. A version before the window is no error
/// here: it becomes the first event of the stream.
pub(crate) fn watch(
    shared: &Arc<Mutex<State>>,
    kind: &Arc<Kind>,
    namespace: Option<&str>,
    params: &Params,
    view: View,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static, ApiError> {
    let selector = Selector::parse(kind, &params.label_selector, &params.field_selector)
        .map_err(ApiError::bad_request)?;
    let mut state = shared.lock();
    let start = start(&state, kind, namespace, params, &selector, view)?;
    let timeout = params.timeout_seconds.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
    let watch = Watch {
        state: shared.clone(),
        kind: kind.clone(),
        namespace: namespace.map(str::to_owned),
        selector,
        view,
        shown: start.version,
        signal: state.store.log_mut(&kind.id()).signal(),
        bookmarks: params.allow_watch_bookmarks,
        next_bookmark: Box::pin(tokio::time::sleep(BOOKMARK_EVERY)),
        end: Box::pin(tokio::time::sleep(timeout.min(MAX_TIMEOUT))),
        over: false,
        first: start.first,
    };
    Ok(stream::unfold(watch, |mut watch| async move {
        let chunk = watch.next().await?;
        Some((Ok(chunk), watch))
    }))
}

fn start(
    state: &State,
    kind: &Kind,
    namespace: Option<&str>,
    params: &Params,
    selector: &Selector,
    view: View,
) -> Result<Start, ApiError> {
    let current = state.store.version();
    let asked = params.resource_version.unwrap_or_default();
    if asked > current {
        return Err(ApiError::too_large_version(asked, current));
    }
    if params.send_initial_events
        && (params.resource_version_match != "NotOlderThan" || !params.allow_watch_bookmarks)
    {
        return Err(ApiError::unprocessable(
            "sendInitialEvents requires resourceVersionMatch=NotOlderThan and allowWatchBookmarks",
        ));
    }
    if asked > 0 && !params.send_initial_events {
        return Ok(Start { version: asked, first: Bytes::new() });
    }
    let mut first = BytesMut::new();
    let log = state.store.log(&kind.id());
    for (_, stored) in log.into_iter().flat_map(|log| log.range(namespace, None)) {
        if selector.matches(&stored.object) {
            put_event(&mut first, "ADDED", &view.show(kind, stored, (state.config.clock)()));
        }
    }
    if params.send_initial_events {
        put_event(&mut first, "BOOKMARK", bookmark(kind, current, true).as_bytes());
    }
    Ok(Start { version: current, first: first.freeze() })
}

impl Watch {
    /// The next piece of the body; `None` when the watch is over.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.first.is_empty() {
            return Some(std::mem::take(&mut self.first));
        }
        loop {
            if self.over {
                return None;
            }
            // Waiting begins before looking, so that no change falls in between.
            let signal = self.signal.clone();
            let mut changed = std::pin::pin!(signal.notified());
            changed.as_mut().enable();
            let chunk = self.pending();
            if !chunk.is_empty() {
                return Some(chunk);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = &mut self.end => self.over = true,
                () = &mut self.next_bookmark, if self.bookmarks => {
                    self.next_bookmark = Box::pin(tokio::time::sleep(BOOKMARK_EVERY));
                    return Some(self.bookmark());
                }
            }
        }
    }

    /// Every change since the last call, as event lines.
    fn pending(&mut self) -> Bytes {
        let state = self.state.lock();
        let mut chunk = BytesMut::new();
        let Some(log) = state.store.log(&self.kind.id()) else {
            self.over = true;
            return Bytes::new();
        };
        if self.shown < log.oldest() {
            self.over = true;
            let error = ApiError::expired(self.shown, log.oldest());
            put_event(&mut chunk, "ERROR", error.status().to_string().as_bytes());
            return chunk.freeze();
        }
        for change in log.since(self.shown) {
            if self.namespace.as_ref().is_none_or(|ns| *ns == change.key.namespace) {
                self.put_change(&mut chunk, change, (state.config.clock)());
            }
        }
        self.shown = state.store.version();
        chunk.freeze()
    }

    fn put_change(&self, chunk: &mut BytesMut, change: &Change, now: Timestamp) {
        let selects = |stored: &Stored| self.selector.matches(&stored.object);
        let before = change.before.as_ref().is_some_and(selects);
        let name = match seen_effect(before, selects(&change.after), change.effect) {
            None => return,
            Some(Effect::Added) => "ADDED",
            Some(Effect::Modified) => "MODIFIED",
            Some(Effect::Deleted) => "DELETED",
        };
        put_event(chunk, name, &self.view.show(&self.kind, &change.after, now));
    }

    fn bookmark(&self) -> Bytes {
        let mut chunk = BytesMut::new();
        put_event(&mut chunk, "BOOKMARK", bookmark(&self.kind, self.shown, false).as_bytes());
        chunk.freeze()
    }
}

fn put_event(chunk: &mut BytesMut, name: &str, object: &[u8]) {
    chunk.put_slice(b"{\"type\":\"");
    chunk.put_slice(name.as_bytes());
    chunk.put_slice(b"\",\"object\":");
    chunk.put_slice(object);
    chunk.put_slice(b"}\n");
}

fn bookmark(kind: &Kind, version: u64, initial_end: bool) -> String {
    let mut object = json!({
        "kind": kind.kind, "apiVersion": kind.api_version(),
        "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null},
    });
    if initial_end {
        object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    object.to_string()
}
