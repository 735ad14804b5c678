//! Scripts: changes in their time («at 60s the stock of a zone runs out»).
//!
//! Nothing runs in the background. A script is a list of steps with the time since its start; whoever
//! looks at the cloud first lets the steps that are due happen, each at its own instant, in the order of
//! time and then of the file. So the same script gives the same world whoever looks, and whenever.
//!
//! Source: ours.

use std::{fs, path::Path};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Config, DataError,
    cloud::State,
    data::duration,
    fake::{lever::Lever, reply::Refusal},
};

/// Largest script file, bytes.
const MAX_BYTES: u64 = 1 << 20;
/// Most steps of a script.
const MAX_STEPS: usize = 10_000;

/// A script as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Script {
    steps: Vec<Step>,
}

/// One change and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Step {
    /// Since the start of the script.
    #[serde(with = "duration")]
    at: TimeDelta,
    /// The lever to pull.
    #[serde(rename = "do")]
    lever: Lever,
}

/// A script under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Running {
    started: DateTime<Utc>,
    /// In the order they happen.
    script: Script,
    /// What came of each step that has happened.
    done: Vec<Done>,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Done {
    at: DateTime<Utc>,
    /// Instances it touched.
    instances: Vec<String>,
    /// Why it was refused, if it was; the script goes on.
    refused: Option<String>,
}

impl Script {
    /// Reads YAML, of which JSON is a part.
    ///
    /// # Errors
    /// The path of the first field that is wrong or unknown.
    pub(crate) fn parse(text: &str) -> Result<Script, Refusal> {
        let value: Value = serde_saphyr::from_str(text)
            .map_err(|error| Refusal::bad("script", format!("no YAML: {error}")))?;
        let mut script: Script = serde_path_to_error::deserialize(value)
            .map_err(|error| Refusal::bad(error.path().to_string(), error.inner().to_string()))?;
        if script.steps.len() > MAX_STEPS {
            return Err(Refusal::bad("steps", format!("at most {MAX_STEPS} steps")));
        }
        script.steps.sort_by_key(|step| step.at);
        Ok(script)
    }

    /// Reads a script file.
    ///
    /// # Errors
    /// The file cannot be read, is too large, or holds no script; file and field are named.
    pub(crate) fn read(path: &Path) -> Result<Script, DataError> {
        let fail = |source| DataError::Io { verb: "read", path: path.to_owned(), source };
        if fs::metadata(path).map_err(fail)?.len() > MAX_BYTES {
            return Err(fail(std::io::Error::other("larger than 1 MiB")));
        }
        let text = fs::read_to_string(path).map_err(fail)?;
        Script::parse(&text).map_err(|refusal| DataError::Script {
            path: path.to_owned(),
            field: refusal.field().to_owned(),
            problem: refusal.problem().to_owned(),
        })
    }

    /// The script from its first step on.
    pub(crate) fn start(self, now: DateTime<Utc>) -> Running {
        Running { started: now, script: self, done: Vec::new() }
    }
}

impl Running {
    /// Whether this is `script` under way.
    pub(crate) fn plays(&self, script: &Script) -> bool {
        self.script == *script
    }

    /// When the next step is due; `None` at the end.
    pub(crate) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.script.steps.get(self.done.len()).map(|step| self.started + step.at)
    }
}

impl State {
    /// Brings everything to `now`: what the script does until then, and what time does to instances.
    /// True if a step happened.
    pub(crate) fn advance(&mut self, config: &Config, now: DateTime<Utc>) -> bool {
        let mut happened = false;
        while let Some(at) = self.script.as_ref().and_then(Running::next_at).filter(|at| *at <= now)
        {
            self.world.settle(at);
            self.step(config, at);
            happened = true;
        }
        self.world.settle(now);
        happened
    }

    /// When something changes by itself next.
    pub(crate) fn next_change(&self) -> Option<DateTime<Utc>> {
        let step = self.script.as_ref().and_then(Running::next_at);
        self.world.next_change().into_iter().chain(step).min()
    }

    fn step(&mut self, config: &Config, at: DateTime<Utc>) {
        // The script is out of the way while the lever has the state in hand.
        let Some(mut running) = self.script.take() else { return };
        if let Some(step) = running.script.steps.get(running.done.len()) {
            let pulled = step.lever.pull(self, config, at);
            let refused = pulled.as_ref().err().map(ToString::to_string);
            running.done.push(Done { at, instances: pulled.unwrap_or_default(), refused });
        }
        self.script = Some(running);
    }
}
