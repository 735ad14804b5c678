//! Files of a run: the kubeconfig and the log beside it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::kubeconfig;

/// Where they are.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) kubeconfig: PathBuf,
    pub(super) log: PathBuf,
    /// The folder, when it is ours alone.
    temporary: Option<PathBuf>,
}

impl Files {
    /// Beside the kubeconfig that was asked for, else in a new temporary folder.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(super) fn of(kubeconfig: Option<&Path>) -> anyhow::Result<Self> {
        Ok(match kubeconfig {
            Some(path) => {
                let mut log = path.as_os_str().to_owned();
                log.push(".log");
                Self { kubeconfig: path.to_owned(), log: log.into(), temporary: None }
            }
            None => {
                let folder = kubeconfig::temporary_folder()?;
                Self {
                    kubeconfig: folder.join("kubeconfig"),
                    log: folder.join("log"),
                    temporary: Some(folder),
                }
            }
        })
    }

    /// Removes the kubeconfig, whose server is gone, and the folder when the log in it is of no use either.
    pub(super) fn remove(&self) {
        // Files that somebody removed already are fine.
        let _ = fs::remove_file(&self.kubeconfig);
        if let Some(folder) = &self.temporary {
            let _ = fs::remove_dir_all(folder);
        }
    }
}
