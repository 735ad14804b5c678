//! The cloud as a value.

use std::sync::Arc;

use axum::{Router, body::Body, extract};
use chrono::{DateTime, Utc};
use http::Request;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    Config, DataError,
    auth::Nonces,
    calls::CallLog,
    data, fake,
    fault::Faults,
    http::serve::serve,
    metadata,
    script::{Running, Script},
    throttle::Throttles,
    world::World,
};

/// A fake cloud; clones share one world.
///
/// The router answers requests, the methods of this type are the levers and windows of a test.
///
/// Source: ours.
#[derive(Clone)]
pub struct FakeCloud {
    pub(crate) shared: Arc<Shared>,
}

/// What router and control side share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) state: Mutex<State>,
    /// Counts changes, for those who wait for one.
    pub(crate) changes: watch::Sender<u64>,
    saves: bool,
}

/// All that changes.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) nonces: Nonces,
    pub(crate) faults: Faults,
    pub(crate) throttles: Throttles,
    pub(crate) calls: CallLog,
    /// The script under way, if any.
    pub(crate) script: Option<Running>,
    /// Why the last change is not in the data file, if it is not.
    pub(crate) unsaved: Option<String>,
}

impl State {
    fn new(config: &Config) -> State {
        State {
            world: World::new(config),
            nonces: Nonces::default(),
            faults: Faults::default(),
            throttles: Throttles::default(),
            calls: CallLog::default(),
            script: None,
            unsaved: None,
        }
    }

    /// Back to the world of the beginning; a script under way goes on.
    pub(crate) fn reset(&mut self, config: &Config) {
        let script = self.script.take();
        *self = State { script, ..State::new(config) };
    }
}

impl FakeCloud {
    /// A cloud in memory with the default world of this configuration: networks, images, the
    /// cluster, every type in stock in every zone, no instances. [`Config::data`] is not looked at.
    pub fn new(config: Config) -> FakeCloud {
        let state = State::new(&config);
        FakeCloud::of(config, state, false)
    }

    /// A cloud that goes on where the data file of the configuration ends, and keeps that file up to
    /// date from now on. Without [`Config::data`] the same as [`FakeCloud::new`]; without the file it
    /// starts with the default world and writes it.
    ///
    /// # Errors
    /// The file cannot be read or written, is damaged (the error names file and field), or belongs to
    /// a cloud of another region or seed; the script cannot be read.
    pub fn open(config: Config) -> Result<FakeCloud, DataError> {
        let mut state = State::new(&config);
        data::load(&config, &mut state)?;
        if let Some(path) = &config.script {
            let script = Script::read(path)?;
            if !state.script.as_ref().is_some_and(|running| running.plays(&script)) {
                state.script = Some(script.start((config.clock)()));
            }
        }
        data::save(&config, &state)?;
        Ok(FakeCloud::of(config, state, true))
    }

    fn of(config: Config, state: State, saves: bool) -> FakeCloud {
        let changes = watch::Sender::new(0);
        FakeCloud { shared: Arc::new(Shared { config, state: Mutex::new(state), changes, saves }) }
    }

    /// The whole cloud as one service for all hosts.
    ///
    /// The product is told by a path prefix (`/ecs`, `/vpc`, `/cs`, `/ram`, `/sts`, `/cms`) or by the
    /// `Host` header (`ecs.…`, `ecs-vpc.…`, `cs-anony-vpc.…`); any other host serves every action.
    /// Paths below `/__fake/` are the control API, those below `/latest/` the metadata service.
    pub fn router(&self) -> Router {
        let shared = Arc::clone(&self.shared);
        Router::new()
            .fallback(|extract::State(shared): extract::State<Arc<Shared>>, request: Request<Body>| async move {
                serve(&shared, request).await
            })
            .with_state(shared)
            .merge(fake::router(self.clone()))
            .merge(metadata::router(self.clone()))
    }

    /// Looks at the state as it is now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State, DateTime<Utc>) -> T) -> T {
        let now = (self.shared.config.clock)();
        let mut state = self.shared.state.lock();
        self.shared.advance(&mut state, now);
        look(&state, now)
    }

    /// Changes the state as it is now, saves it and wakes those who wait for changes.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State, DateTime<Utc>) -> T) -> T {
        let now = (self.shared.config.clock)();
        let mut state = self.shared.state.lock();
        self.shared.advance(&mut state, now);
        let out = change(&mut state, now);
        self.shared.changed(&mut state);
        out
    }
}

impl Shared {
    /// Brings the state to `now`.
    pub(crate) fn advance(&self, state: &mut State, now: DateTime<Utc>) {
        if state.advance(&self.config, now) {
            self.changed(state);
        }
    }

    /// To be called after a change, before the lock is given back: saves and wakes. The file is
    /// written under the lock, so its documents follow each other in the order of the changes.
    pub(crate) fn changed(&self, state: &mut State) {
        if self.saves {
            state.unsaved = data::save(&self.config, state).err().map(|error| error.to_string());
        }
        self.changes.send_modify(|n| *n += 1);
    }
}
