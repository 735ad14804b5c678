//! Tasks with names: an unexpected end of any of them ends the process, saying which.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Owns every task of the process.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    tasks: TaskTracker,
    cancel: CancellationToken,
    kill: CancellationToken,
    failure: Arc<Mutex<Option<String>>>,
}

impl Supervisor {
    /// Told when everything should end.
    pub fn cancelled(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Drops every task where it stands, as a crash of the process would.
    pub fn kill(&self) {
        self.cancel.cancel();
        self.kill.cancel();
    }

    /// Runs `task`; when it ends before everything was told to, everything ends.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let own = self.clone();
        self.tasks.spawn(async move {
            let task = AssertUnwindSafe(task).catch_unwind();
            let Some(result) = own.kill.run_until_cancelled(task).await else { return };
            if own.cancel.is_cancelled() {
                return;
            }
            let how = if result.is_ok() { "ended" } else { "panicked" };
            tracing::error!(task = name, how, "a task that must not end has ended");
            own.failure.lock().get_or_insert_with(|| format!("task {name} {how}"));
            own.cancel.cancel();
        });
    }

    /// Runs `task` until everything is told to end.
    pub fn spawn_until_cancelled(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let cancel = self.cancel.clone();
        self.spawn(name, async move {
            cancel.run_until_cancelled(task).await;
        });
    }

    /// Waits until all tasks have ended.
    ///
    /// # Errors
    /// The name of the task whose end was the reason.
    pub async fn join(&self) -> Result<(), String> {
        self.tasks.close();
        self.tasks.wait().await;
        match self.failure.lock().take() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}
