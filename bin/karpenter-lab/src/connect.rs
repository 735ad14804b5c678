//! Waiting for peers: a part that starts first says what it misses and goes on once it is there.

use std::path::Path;
use std::time::Duration;

use kube::Client;

use crate::kubeconfig;
use crate::output::Output;

/// Pause between two attempts.
const RETRY: Duration = Duration::from_millis(500);

/// A client of the API server that `path` names, once it answers; says what is missing meanwhile, each
/// reason once.
pub(crate) async fn wait_for_api(path: &Path, part: &str, output: Output) -> Client {
    let mut told = String::new();
    loop {
        let problem = match kubeconfig::client(path).await {
            Ok(client) => match client.apiserver_version().await {
                Ok(_) => return client,
                Err(error) => {
                    format!("the API server of {} does not answer: {error}", path.display())
                }
            },
            Err(error) => format!("{error:#}"),
        };
        if problem != told {
            output.waiting(part, &problem);
            told = problem;
        }
        tokio::time::sleep(RETRY).await;
    }
}
