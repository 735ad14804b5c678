//! Kubeconfig files: written for servers of ours, read for every client, never over a file that is not ours.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// First line of every file we write; only files that begin with it are overwritten.
const MARK: &str = "# Written by karpenter-lab; it may be overwritten.";

/// Writes a kubeconfig for the server at `url`, which asks for no login.
///
/// # Errors
/// When there is a file that we did not write, or none can be written.
pub(crate) fn write(path: &Path, url: &str) -> anyhow::Result<()> {
    match fs::read_to_string(path) {
        Ok(text) if !text.starts_with(MARK) => {
            bail!("{} was not written by karpenter-lab and stays as it is", path.display())
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
    }
    // Readers see the old file or the new one, never half of it.
    let new = path.with_extension("new");
    fs::write(&new, text(url)).with_context(|| format!("write {}", new.display()))?;
    fs::rename(&new, path).with_context(|| format!("write {}", path.display()))
}

fn text(url: &str) -> String {
    format!(
        "{MARK}\n\
         apiVersion: v1\nkind: Config\ncurrent-context: karpenter-lab\n\
         clusters:\n- name: karpenter-lab\n  cluster: {{server: \"{url}\"}}\n\
         contexts:\n- name: karpenter-lab\n  context: {{cluster: karpenter-lab, user: karpenter-lab}}\n\
         users:\n- name: karpenter-lab\n  user: {{}}\n"
    )
}

/// A client of the server that the file at `path` names. Nothing is retried inside.
///
/// # Errors
/// When the file is missing or cannot be used.
pub(crate) async fn client(path: &Path) -> anyhow::Result<Client> {
    let file = Kubeconfig::read_from(path).with_context(|| format!("read {}", path.display()))?;
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    config.default_retry = false;
    Ok(Client::try_from(config)?)
}

/// A folder of our own for files of this run, among the temporary files of the system.
///
/// # Errors
/// When it cannot be created.
pub(crate) fn temporary_folder() -> anyhow::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("karpenter-lab-{}", std::process::id()));
    fs::create_dir_all(&path).with_context(|| format!("create {}", path.display()))?;
    Ok(path)
}
