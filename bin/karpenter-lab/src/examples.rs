//! The first objects of a new world, the very files of `docs/examples`.

use kube::Client;

/// A node class and two pools.
const FIRST: [&str; 3] = [
    include_str!("../../../docs/examples/ecsnodeclass.yaml"),
    include_str!("../../../docs/examples/nodepool-general.yaml"),
    include_str!("../../../docs/examples/nodepool-spot.yaml"),
];

/// Applies the node class and the pools.
///
/// # Errors
/// The refusal of the API server.
pub(crate) async fn apply(client: &Client) -> anyhow::Result<()> {
    for yaml in FIRST {
        scenarios::apply::apply_yaml(client, yaml).await?;
    }
    Ok(())
}
