//! The data file: what a cloud remembers over a restart.
//!
//! One JSON document with the world (instances, tags, disks, networks, images, stock, prices,
//! client tokens, issued keys), planned faults, rate limits and the position in the script. The record
//! of calls and the nonces seen are not kept. Secrets in it are those of the fake alone.
//!
//! Flow: every change is written to a file beside it that then takes its name, so a reader sees the
//! old document or the new one, never half of one. Reads change nothing and write nothing.

pub(crate) mod duration;
mod file;
pub(crate) mod pairs;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    Config, cloud::State, fault::Faults, script::Running, throttle::Throttles, world::World,
};

/// Version of the document; another one is refused.
const VERSION: u32 = 1;

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file system refuses.
    #[error("cannot {verb} the data file {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// The document is damaged.
    #[error("the data file {} is damaged at {field}: {problem}; repair the field or remove the file to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Path of the field, such as `world.instances.i-bp1.zone`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The document belongs to another cloud.
    #[error("the data file {} has {field} {found}, this cloud has {expected}; use the same configuration or another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs.
        field: &'static str,
        /// Its value in the file.
        found: String,
        /// Its value in the configuration.
        expected: String,
    },
    /// The script file holds no script.
    #[error("the script {} is wrong at {field}: {problem}", path.display())]
    Script {
        /// The file.
        path: PathBuf,
        /// Path of the field, such as `steps[2].do.stock.zone`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    version: u32,
    world: &'a World,
    faults: &'a Faults,
    throttles: &'a Throttles,
    script: Option<&'a Running>,
}

/// What is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    version: u32,
    world: World,
    faults: Faults,
    throttles: Throttles,
    script: Option<Running>,
}

/// Puts the content of the data file of `config`, if there is one, into `state`.
///
/// # Errors
/// The file cannot be read, is damaged, or belongs to a cloud of another region or seed.
pub(crate) fn load(config: &Config, state: &mut State) -> Result<(), DataError> {
    let Some(path) = &config.data else { return Ok(()) };
    let Some(text) = file::read(path)? else { return Ok(()) };
    let damaged = |field: String, problem: String| {
        Err(DataError::Damaged { path: path.clone(), field, problem })
    };
    let document = &mut serde_json::Deserializer::from_str(&text);
    let read: Read = match serde_path_to_error::deserialize(document) {
        Ok(read) => read,
        Err(error) => return damaged(error.path().to_string(), error.inner().to_string()),
    };
    if read.version != VERSION {
        let problem = format!("{} is not {VERSION}, the version that is understood", read.version);
        return damaged("version".into(), problem);
    }
    let own = [
        ("region", read.world.region.clone(), config.region.clone()),
        ("seed", read.world.ids.seed().to_string(), config.seed.to_string()),
    ];
    if let Some((field, found, expected)) = own.into_iter().find(|(_, is, want)| is != want) {
        return Err(DataError::Foreign { path: path.clone(), field, found, expected });
    }
    state.world = read.world;
    state.faults = read.faults;
    state.throttles = read.throttles;
    state.script = read.script;
    state.world.ids.restarted();
    state.world.wake();
    Ok(())
}

/// Writes `state` to the data file of `config`, if it has one.
///
/// # Errors
/// The file cannot be written; what it held before is still there.
pub(crate) fn save(config: &Config, state: &State) -> Result<(), DataError> {
    let Some(path) = &config.data else { return Ok(()) };
    let written = Written {
        version: VERSION,
        world: &state.world,
        faults: &state.faults,
        throttles: &state.throttles,
        script: state.script.as_ref(),
    };
    let text = serde_json::to_vec_pretty(&written).map_err(|error| DataError::Io {
        verb: "write",
        path: path.clone(),
        source: error.into(),
    })?;
    file::replace(path, &text)
}
