//! Turns the controller's own log lines into sentences, so that the story shows what the controller says.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::Arc;

use karpenter_core::clock::Clock;
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::screen::{Colour, Screen};

/// Warnings shown at most; more would drown the story.
const WARNINGS: usize = 20;

/// Listens to log lines; cloning shares the ear.
#[derive(Clone)]
pub(crate) struct Narrator {
    screen: Screen,
    clock: Arc<Mutex<Option<Clock>>>,
    warnings: Arc<Mutex<usize>>,
}

impl Narrator {
    /// Starts listening to everything this process logs.
    pub(crate) fn install(screen: Screen) -> anyhow::Result<Self> {
        let narrator = Self { screen, clock: Arc::default(), warnings: Arc::default() };
        let filter = tracing_subscriber::filter::LevelFilter::INFO;
        tracing_subscriber::registry().with(narrator.clone().with_filter(filter)).try_init()?;
        Ok(narrator)
    }

    /// Tells times by `clock` from now on.
    pub(crate) fn follow(&self, clock: Clock) {
        *self.clock.lock() = Some(clock);
    }

    fn say(&self, mark: &str, text: &str) {
        if let Some(clock) = self.clock.lock().as_ref() {
            self.screen.tell(clock.now(), mark, text);
        }
    }

    fn warn(&self, fields: &Fields) {
        let mut warnings = self.warnings.lock();
        *warnings += 1;
        if *warnings <= WARNINGS {
            let mark = self.screen.paint(Colour::Yellow, "!");
            self.say(&mark, &fields.sentence());
        }
    }
}

impl<S: Subscriber> Layer<S> for Narrator {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if *event.metadata().level() <= Level::WARN {
            self.warn(&fields);
        } else if let Some(text) = fields.decision() {
            self.say(&self.screen.paint(Colour::Cyan, "▸"), &text);
        }
    }
}

/// The fields of one log line.
#[derive(Default)]
struct Fields {
    message: String,
    others: BTreeMap<&'static str, String>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.others.insert(field.name(), value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.others.get(name).map_or("?", String::as_str)
    }

    /// What the controller decided, in words; `None` for lines that are not decisions.
    fn decision(&self) -> Option<String> {
        match self.message.as_str() {
            "created nodeclaim" => Some(format!(
                "claim {} from pool {}: {} instance types fit, cheapest {} at {} per hour, for {}",
                self.get("nodeclaim"),
                self.get("nodepool"),
                self.get("instance_types"),
                self.get("cheapest"),
                self.get("price_per_hour"),
                self.get("pods"),
            )),
            "planned" => Some(format!(
                "planned: {} new nodes, {} pods onto nodes that exist or start, {} without a place",
                self.get("nodeclaims"),
                self.get("pods_on_existing_nodes"),
                self.get("unschedulable_pods"),
            )),
            "disrupting nodes" | "disrupting node(s)" => Some(self.sentence()),
            _ => None,
        }
    }

    /// Message and fields in one line.
    fn sentence(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.others {
            let _ = write!(text, " {name}={value}");
        }
        text
    }
}
