//! What a user is told once everything runs.

use super::files::Files;
use super::world::World;
use crate::output::{self, Output};

/// Says where everything is and what to try.
pub(super) fn tell(output: Output, world: &World, files: &Files, applied: bool) {
    let (kubeconfig, log) = (files.kubeconfig.display(), files.log.display());
    output.ready(
        "up",
        &[
            ("kubeconfig", &kubeconfig.to_string()),
            ("api", &world.api_url),
            ("cloud", &world.cloud_url),
            ("log", &log.to_string()),
        ],
    );
    if output == Output::Json {
        return;
    }
    output::line(&format!("\nTry in another terminal:\n\n  export KUBECONFIG={kubeconfig}"));
    if !applied {
        let files = ["ecsnodeclass", "nodepool-general", "nodepool-spot"];
        for file in files {
            output::line(&format!("  kubectl apply -f docs/examples/{file}.yaml"));
        }
    }
    for command in [
        "kubectl apply -f docs/examples/inflate.yaml",
        "kubectl scale deployment inflate --replicas 30",
        "kubectl get nodepools,nodeclaims,nodes",
        "kubectl scale deployment inflate --replicas 0",
    ] {
        output::line(&format!("  {command}"));
    }
    output::line("");
}
