//! When to plan: pods that come close together are planned together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::ids::Uid;
use crate::options::Options;

/// How long a pod that still has no place waits until it asks again.
pub const RETRIGGER: Duration = Duration::from_secs(10);

/// What the batch asks its owner to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Nobody waits.
    Idle,
    /// Look again at this instant, or when a trigger comes or goes.
    WaitUntil(Timestamp),
    /// Plan now.
    Closed,
}

/// Which pods ask for a plan and since when.
///
/// The first new trigger opens a window; it closes when no further new one came for `batch_idle_duration`, at the
/// latest `batch_max_duration` after it opened. A trigger that is still there [`RETRIGGER`] after it counted last
/// counts as new again; one that has gone is forgotten.
///
/// Closing does not lose the batch: [`Batch::observe`] keeps answering [`Window::Closed`] until [`Batch::take`] says
/// that a plan is made, so a state that is not ready yet delays planning no longer than needed.
///
/// Source: Karpenter behaviour, batcher. Differs: the batch survives an unready state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    counted: BTreeMap<Uid, Timestamp>,
    window: Option<Open>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    since: Timestamp,
    last: Timestamp,
}

impl Batch {
    /// Tells the batch who asks for a plan at `now` and returns what to do.
    ///
    /// `triggers` are the uids of all provisionable pods and of nodes about to be disrupted, in any order.
    pub fn observe<'a>(
        &mut self,
        triggers: impl Iterator<Item = &'a Uid>,
        now: Timestamp,
        options: &Options,
    ) -> Window {
        let present: BTreeSet<&Uid> = triggers.collect();
        self.counted.retain(|uid, _| present.contains(uid));
        for uid in present {
            let is_new = self.counted.get(uid).is_none_or(|last| *last + RETRIGGER <= now);
            if is_new {
                self.count(uid, now);
            }
        }
        self.window(now, options)
    }

    /// Hands everybody seen so far over to the plan about to be made: no window is open until somebody new asks.
    pub fn take(&mut self) {
        self.window = None;
    }

    /// The plan that was made did not come to everybody: the next one is due at once.
    pub fn reopen(&mut self) {
        self.window = Some(Open { since: Timestamp::MIN, last: Timestamp::MIN });
    }

    fn count(&mut self, uid: &Uid, now: Timestamp) {
        let asked_in_this_window = match (self.counted.get(uid), self.window) {
            (Some(last), Some(open)) => *last >= open.since,
            (None, _) | (_, None) => false,
        };
        self.counted.insert(uid.clone(), now);
        match &mut self.window {
            None => self.window = Some(Open { since: now, last: now }),
            Some(open) if !asked_in_this_window => open.last = now,
            Some(_) => {}
        }
    }

    fn window(&self, now: Timestamp, options: &Options) -> Window {
        let retrigger = self.counted.values().min().map(|last| *last + RETRIGGER);
        let Some(open) = self.window else {
            return retrigger.map_or(Window::Idle, Window::WaitUntil);
        };
        let quiet = open.last + options.batch_idle_duration;
        let closes = quiet.min(open.since + options.batch_max_duration);
        if closes <= now { Window::Closed } else { Window::WaitUntil(closes) }
    }
}
