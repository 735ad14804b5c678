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
use std::vec::IntoIter;

use bytes::{BufMut, Bytes, BytesMut};
use futures::{FutureExt, Stream, stream};
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Sleep;

use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::Params;
use crate::state::State;
use crate::store::{Change, Packed, Selector, seen_effect};
use crate::verbs::list_options;
use crate::view::View;
use crate::write_log::Effect;

/// Most changes taken from the window at once.
const BATCH: usize = 1024;

/// Pause between bookmarks. Source: Kubernetes API (about a minute).
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);

/// Length of a watch that names none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Longest watch a client may ask for.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Most bytes of one piece of the body, but for a single larger event.
const PIECE: usize = 1 << 20;

/// Where a watch starts.
struct Start {
    version: u64,
    /// State to show first.
    initial: Vec<Packed>,
    /// Whether a marked bookmark ends the initial state.
    marked: bool,
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
    initial: IntoIter<Packed>,
    marked: bool,
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
    list_options::check_watch(params)?;
    let selector = Selector::parse(kind, &params.label_selector, &params.field_selector)
        .map_err(ApiError::bad_request)?;
    let mut state = shared.lock();
    let start = start(&state, kind, namespace, params, &selector)?;
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
        initial: start.initial.into_iter(),
        marked: start.marked,
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
) -> Result<Start, ApiError> {
    let current = state.store.version();
    let asked = params.resource_version.unwrap_or_default();
    if asked > current {
        return Err(ApiError::too_large_version(asked, current));
    }
    let marked = params.send_initial_events == Some(true);
    let from_now = params.send_initial_events == Some(false);
    if (asked > 0 || from_now) && !marked {
        let version = if asked > 0 { asked } else { current };
        return Ok(Start { version, initial: Vec::new(), marked: false });
    }
    let log = state.store.log(&kind.id());
    let all = log.into_iter().flat_map(|log| log.packed(namespace, None));
    let initial = all.map(|(_, packed)| packed).filter(|packed| packed.matches(selector));
    let marked = marked && params.allow_watch_bookmarks;
    Ok(Start { version: current, initial: initial.cloned().collect(), marked })
}

impl Watch {
    /// The next piece of the body; `None` when the watch is over.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(piece) = self.initial_piece() {
            return Some(piece);
        }
        loop {
            // A busy watch ends in time too.
            if self.over || (&mut self.end).now_or_never().is_some() {
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

    /// The next changes as event lines; empty when all were shown.
    fn pending(&mut self) -> Bytes {
        loop {
            let (piece, all) = self.batch();
            if all || self.over || !piece.is_empty() {
                return piece;
            }
        }
    }

    /// A bounded number of changes, and whether there are no more.
    fn batch(&mut self) -> (Bytes, bool) {
        let state = self.state.lock();
        let mut chunk = BytesMut::new();
        let Some(log) = state.store.log(&self.kind.id()) else {
            self.over = true;
            return (Bytes::new(), true);
        };
        if self.shown < log.oldest() {
            self.over = true;
            let error = ApiError::expired(self.shown, log.oldest());
            put_event(&mut chunk, "ERROR", error.status().to_string().as_bytes());
            return (chunk.freeze(), true);
        }
        let changes: Vec<Arc<Change>> = log.since(self.shown).take(BATCH).cloned().collect();
        let current = state.store.version();
        drop(state);
        let mut shown = if changes.len() < BATCH { current } else { self.shown };
        for change in &changes {
            shown = shown.max(change.after.version);
            if self.namespace.as_ref().is_none_or(|ns| *ns == change.key.namespace) {
                put_change(&mut chunk, change, &self.selector, self.view);
            }
            if chunk.len() >= PIECE {
                shown = change.after.version;
                break;
            }
        }
        self.shown = shown;
        (chunk.freeze(), shown == current)
    }

    /// The next piece of the initial state and the bookmark behind its last.
    fn initial_piece(&mut self) -> Option<Bytes> {
        let mut chunk = BytesMut::new();
        for packed in self.initial.by_ref() {
            put_event(&mut chunk, "ADDED", &self.view.show_packed(&packed));
            if chunk.len() >= PIECE {
                return Some(chunk.freeze());
            }
        }
        if std::mem::take(&mut self.marked) {
            let text = bookmark(&self.kind, self.shown, true);
            put_event(&mut chunk, "BOOKMARK", text.as_bytes());
        }
        (!chunk.is_empty()).then(|| chunk.freeze())
    }

    fn bookmark(&self) -> Bytes {
        let mut chunk = BytesMut::new();
        put_event(&mut chunk, "BOOKMARK", bookmark(&self.kind, self.shown, false).as_bytes());
        chunk.freeze()
    }
}

fn put_change(chunk: &mut BytesMut, change: &Change, selector: &Selector, view: View) {
    let before = change.before.as_ref().is_some_and(|packed| packed.matches(selector));
    let after = change.after.matches(selector);
    let name = match seen_effect(before, after, change.effect) {
        None => return,
        Some(Effect::Added) => "ADDED",
        Some(Effect::Modified) => "MODIFIED",
        Some(Effect::Deleted) => "DELETED",
    };
    put_event(chunk, name, &view.show_packed(&change.after));
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
