//! The shape of every plan: steps as data, and when to think again.

use std::fmt;

use jiff::Timestamp;

/// A change to make in the world, as data.
pub trait Step: fmt::Debug + Clone + Send + Sync + 'static {
    /// What the step is about; steps about one object never run side by side.
    fn object(&self) -> String;
}

/// What a decision wants to happen.
#[derive(Debug, Clone)]
pub struct Plan<S> {
    /// Steps in order of importance.
    pub steps: Vec<S>,
    /// When to decide again even if nothing changes.
    pub wake_at: Option<Timestamp>,
}

impl<S> Default for Plan<S> {
    fn default() -> Self {
        Self { steps: vec![], wake_at: None }
    }
}

impl<S> Plan<S> {
    /// Makes sure the next decision is not later than `at`.
    pub fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |known| known.min(at)));
    }
}
