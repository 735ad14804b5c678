use std::io;
use std::sync::Arc;

use karpenter_core::clock::Clock;
use parking_lot::Mutex;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;

use super::JsonLines;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The line that `say` logs.
fn line_of(say: impl FnOnce()) -> String {
    let captured = Captured::default();
    let layer = tracing_subscriber::fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(JsonLines::new(Clock::system()))
        .with_writer(captured.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), say);
    let bytes = captured.0.lock().clone();
    String::from_utf8(bytes).expect("lines are UTF-8")
}

fn object_of(say: impl FnOnce()) -> Value {
    serde_json::from_str(&line_of(say)).expect("a line is JSON")
}

#[test]
fn a_line_holds_the_keys_of_upstream_in_their_order() {
    let line = line_of(|| tracing::info!(pods = 3, ok = true, "made \"a\" plan"));
    let start = r#"{"level":"INFO","time":""#;
    assert!(line.starts_with(start), "{line}");
    assert!(line.contains(r#"Z","logger":"controller","message":"made \"a\" plan""#), "{line}");
    assert!(line.trim_end().ends_with(r#""pods":3,"ok":true}"#), "{line}");
    let time = &line[start.len()..start.len() + "2026-01-02T03:04:05.678Z".len()];
    assert_eq!((&time[19..20], &time[23..24]), (".", "Z"), "milliseconds and zone: {time}");
}

#[test]
fn the_caller_is_named_at_debug_only() {
    assert!(object_of(|| tracing::warn!("w")).get("caller").is_none());
    let debug = object_of(|| tracing::debug!("d"));
    assert!(debug["caller"].as_str().expect("a text").contains("tests.rs:"), "{debug}");
}

#[test]
fn fields_of_spans_are_keys_of_the_line() {
    let line = object_of(|| {
        let outer = tracing::info_span!("outer", controller = "x", name = "outer");
        let _outer = outer.enter();
        let inner = tracing::info_span!("inner", name = "inner");
        let _inner = inner.enter();
        tracing::info!("m");
    });
    assert_eq!((&line["controller"], &line["name"]), (&"x".into(), &"inner".into()));
}

#[test]
fn no_key_stands_twice() {
    let line = line_of(|| tracing::info!(level = "fake", time = 1, "m"));
    assert_eq!(line.matches("\"level\"").count(), 1);
    assert!(line.contains(r#""level":"INFO""#), "{line}");
}
