//! Publishes Kubernetes Events: never blocks the caller, never repeats itself.
//!
//! *Flow.* [`EventSink::publish`] drops an event that was published within [`REPEAT`] with the same object,
//! reason and message, and queues the rest; one task writes them.
//!
//! *Guarantees.* The queue is bounded; what does not fit is counted and dropped. An event never carries a
//! secret, because messages come from reports.
//!
//! *Caveats.* An event that the API refuses is logged and forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::Api;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::patch::create;
use crate::clock::{Clock, in_seconds};
use crate::observe::events::{
    Event, FAILED_SCHEDULING, NO_COMPATIBLE_INSTANCE_TYPES, ObjectRef, Severity,
};

/// An equal event is published again only after this long.
pub const REPEAT: Duration = Duration::from_secs(120);

/// As [`REPEAT`], for pods that find no place: they ask again every few seconds, for as long as they wait.
const REPEAT_FAILED_SCHEDULING: Duration = Duration::from_secs(5 * 60);

/// As [`REPEAT`], for pools that can make no node.
const REPEAT_NO_COMPATIBLE_INSTANCE_TYPES: Duration = Duration::from_secs(60);

/// Events waiting to be written, at most.
const QUEUE: usize = 4096;

/// Remembered events, at most; the oldest are forgotten first.
const REMEMBERED: usize = 16_384;

/// Takes events; cloning shares the queue.
#[derive(Clone)]
pub struct EventSink {
    clock: Clock,
    queue: mpsc::Sender<(Event, Timestamp)>,
    seen: Arc<Mutex<BTreeMap<Key, Timestamp>>>,
}

type Key = (ObjectRef, &'static str, String);

impl EventSink {
    /// A sink and the queue that [`write()`] empties.
    pub fn new(clock: Clock) -> (Self, mpsc::Receiver<(Event, Timestamp)>) {
        let (queue, receiver) = mpsc::channel(QUEUE);
        (Self { clock, queue, seen: Arc::default() }, receiver)
    }

    /// Publishes `event` unless an equal one went out recently.
    pub fn publish(&self, event: Event) {
        let now = self.clock.now();
        if self.is_repeated(&event, now) {
            return;
        }
        if self.queue.try_send((event, now)).is_err() {
            tracing::debug!("event queue is full or closed, an event is dropped");
        }
    }

    fn is_repeated(&self, event: &Event, now: Timestamp) -> bool {
        let key = (event.about.clone(), event.reason, event.message.clone());
        let mut seen = self.seen.lock();
        if seen.get(&key).is_some_and(|at| *at + repeat(event.reason) > now) {
            return true;
        }
        if seen.len() >= REMEMBERED {
            seen.retain(|(_, reason, _), at| *at + repeat(reason) > now);
        }
        if seen.len() < REMEMBERED {
            seen.insert(key, now);
        }
        false
    }
}

/// After how long an equal event of `reason` is news again.
fn repeat(reason: &str) -> Duration {
    match reason {
        FAILED_SCHEDULING => REPEAT_FAILED_SCHEDULING,
        NO_COMPATIBLE_INSTANCE_TYPES => REPEAT_NO_COMPATIBLE_INSTANCE_TYPES,
        _ => REPEAT,
    }
}

/// Writes queued events to the API until the queue closes.
pub async fn write(
    client: kube::Client,
    component: &'static str,
    mut queue: mpsc::Receiver<(Event, Timestamp)>,
) {
    let mut number: u64 = 0;
    while let Some((event, at)) = queue.recv().await {
        number += 1;
        let object = on_the_wire(&event, at, number, component);
        let namespace = object.metadata.namespace.clone().unwrap_or_default();
        let name = object.metadata.name.clone().unwrap_or_default();
        let api = Api::<core::Event>::namespaced(client.clone(), &namespace);
        if let Err(error) = create(&api, &name, &object).await {
            tracing::debug!(error = super::error::report(&error), "event not written");
        }
    }
}

fn on_the_wire(event: &Event, at: Timestamp, number: u64, component: &str) -> core::Event {
    let about = &event.about;
    let namespace = if about.namespace.is_empty() { "default" } else { &about.namespace };
    let suffix = u64::try_from(at.as_nanosecond()).unwrap_or_default().wrapping_add(number);
    let time = Time(in_seconds(at));
    core::Event {
        metadata: ObjectMeta {
            name: Some(format!("{}.{suffix:x}", about.name)),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        involved_object: core::ObjectReference {
            api_version: Some(about.api_version.clone()),
            kind: Some(about.kind.clone()),
            name: Some(about.name.clone()),
            namespace: Some(about.namespace.clone()).filter(|text| !text.is_empty()),
            uid: Some(about.uid.clone()),
            ..core::ObjectReference::default()
        },
        reason: Some(event.reason.to_owned()),
        message: Some(bounded(&event.message)),
        type_: Some(
            match event.severity {
                Severity::Normal => "Normal",
                Severity::Warning => "Warning",
            }
            .to_owned(),
        ),
        count: Some(1),
        first_timestamp: Some(time.clone()),
        last_timestamp: Some(time),
        source: Some(core::EventSource { component: Some(component.to_owned()), host: None }),
        reporting_component: Some(component.to_owned()),
        ..core::Event::default()
    }
}

/// The API refuses messages of more than 1 KiB.
fn bounded(message: &str) -> String {
    const LIMIT: usize = 1024;
    if message.len() <= LIMIT {
        return message.to_owned();
    }
    let mut end = LIMIT - 3;
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &message[..end])
}
