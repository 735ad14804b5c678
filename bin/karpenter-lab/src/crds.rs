//! The definitions of our kinds, applied through the API as the chart would.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use http::Request;
use kube::Client;
use serde_json::Value;

use crate::connect;
use crate::output::Output;
use crate::process;

/// Pause between two looks at a definition.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks before we give up; together half a minute.
const LOOKS: usize = 300;

/// Where the definitions go.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Kubeconfig of the API server.
    #[arg(long)]
    kubeconfig: PathBuf,

    /// Lines for people, or JSON.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Applies the definitions and waits until they are served.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::block_on(async {
        let client = connect::wait_for_api(&arguments.kubeconfig, "crds", arguments.output).await;
        let names = apply(&client).await?;
        arguments.output.ready("crds", &[("established", &names.join(" "))]);
        Ok(())
    })
}

/// Applies all definitions and waits until each is `Established`; answers their names.
///
/// # Errors
/// The refusal of the API server, or the name of a definition that is not served half a minute later.
pub(crate) async fn apply(client: &Client) -> anyhow::Result<Vec<String>> {
    let mut names = vec![];
    for definition in scenarios::manifests::definitions() {
        let stored = scenarios::apply::apply(client, &definition).await?;
        let name = stored.pointer("/metadata/name").and_then(Value::as_str);
        names.push(name.context("a stored object has a name")?.to_owned());
    }
    for name in &names {
        established(client, name).await?;
    }
    Ok(names)
}

async fn established(client: &Client, name: &str) -> anyhow::Result<()> {
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
    let mut last = Value::Null;
    for _ in 0..LOOKS {
        let object: Value = client.request(Request::get(&path).body(vec![])?).await?;
        if is_established(&object) {
            return Ok(());
        }
        last = object["status"]["conditions"].clone();
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("definition {name} is not established: {last}")
}

fn is_established(definition: &Value) -> bool {
    let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Established" && condition["status"] == "True")
}
