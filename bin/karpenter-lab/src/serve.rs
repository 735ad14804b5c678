//! Servers on loopback sockets.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that runs until this value is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    /// Where it listens; the port is the real one.
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    /// Serves `router` at `listen`; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address is not of this machine alone (nobody has to log in here), or is taken.
    pub(crate) async fn start(listen: SocketAddr, router: Router) -> anyhow::Result<Self> {
        ensure!(
            listen.ip().is_loopback(),
            "--listen {listen} can be reached from other machines, and there is no login: use 127.0.0.1"
        );
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("listen on {listen}"))?;
        let address = listener.local_addr()?;
        // Watches are many small writes; a delayed one would make every actor late.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "server failed");
            }
        });
        Ok(Self { address, task })
    }

    /// `http://host:port`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}
