//! Clients of the Kubernetes API, the same in production and in tests.
//!
//! Two of them: one with a bound on requests in flight for everything we write, one without any limit for
//! watches, which must never queue behind writes. Neither retries; the runner does.

use http::{Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tower::limit::ConcurrencyLimitLayer;
use tower::{BoxError, Service, ServiceBuilder};

/// Requests of the engine under way at once.
pub const MAX_IN_FLIGHT: usize = 64;

/// The two clients.
#[derive(Clone)]
pub struct KubeClients {
    /// For reads and writes of the engine.
    pub api: Client,
    /// For watches.
    pub watch: Client,
}

impl KubeClients {
    /// Clients of the cluster this process runs in, else of the current kubeconfig.
    ///
    /// # Errors
    /// When there is no usable configuration.
    pub async fn infer() -> anyhow::Result<Self> {
        let mut config = Config::infer().await?;
        config.default_retry = false;
        let limited = ClientBuilder::try_from(config.clone())?
            .with_layer(&ConcurrencyLimitLayer::new(MAX_IN_FLIGHT))
            .build();
        Ok(Self { api: limited, watch: ClientBuilder::try_from(config)?.build() })
    }

    /// Clients of any service that speaks the Kubernetes API, for example one in this process.
    pub fn of_service<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let limited = ServiceBuilder::new()
            .layer(ConcurrencyLimitLayer::new(MAX_IN_FLIGHT))
            .service(service.clone());
        Self { api: Client::new(limited, "default"), watch: Client::new(service, "default") }
    }
}
