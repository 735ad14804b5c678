//! The control API below `/__fake/`: what a person or another process may see and change of the cloud.
//!
//! | file | endpoints |
//! |---|---|
//! | `machines` | what boots machines from instances reads and reports |
//! | `reply` | answers and refusals of all endpoints |

mod machines;
mod reply;

use axum::{
    Router,
    routing::{get, post},
};

use crate::FakeCloud;

/// Largest body of a control call, bytes.
const MAX_BODY: usize = 1 << 20;

/// The endpoints, as one router.
pub(crate) fn router(cloud: FakeCloud) -> Router {
    Router::new()
        .route("/__fake/machines", get(machines::list))
        .route("/__fake/machines/{id}", post(machines::report))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(cloud)
}
