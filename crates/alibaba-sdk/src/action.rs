//! One OpenAPI action as a value, and the wire-neutral call it turns into.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::Method;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    encode::{encode, encode_pairs},
    lenient,
    params::{Params, flatten},
};

/// A product with its own endpoint and API version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// Elastic Compute Service.
    Ecs,
    /// Virtual Private Cloud.
    Vpc,
    /// Container Service for Kubernetes (ACK).
    Cs,
    /// Resource Access Management.
    Ram,
    /// Security Token Service.
    Sts,
    /// CloudMonitor.
    Cms,
}

impl Product {
    /// The API version all actions of the product use.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::Ecs => "2014-05-26",
            Self::Vpc => "2016-04-28",
            Self::Cs => "2015-12-15",
            Self::Ram => "2015-05-01",
            Self::Sts => "2015-04-01",
            Self::Cms => "2019-01-01",
        }
    }
}

/// One action: the implementing type is its request, with parameters named as in the API reference.
pub trait Action: Send + Sync {
    /// Product that serves the action.
    const PRODUCT: Product;
    /// API version, `YYYY-MM-DD`.
    const VERSION: &'static str = Self::PRODUCT.version();
    /// Name as in the API reference, e.g. `RunInstances`.
    const NAME: &'static str;
    /// Whether the client adds its region as parameter `RegionId`.
    const REGIONAL: bool = true;
    /// Whether the call is signed; only the exchange of an OIDC token is not.
    const SIGNED: bool = true;
    /// Longest time one attempt may take.
    const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
    /// What a successful answer decodes to.
    type Response: Send;

    /// What the request says on the wire, without region and signature.
    ///
    /// # Errors
    /// When the request cannot be serialised, which plain request structs never cause.
    fn call(&self) -> Result<Call, serde_json::Error>;

    /// Decodes the body of a successful answer.
    ///
    /// # Errors
    /// When the body does not have the documented shape.
    fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error>;

    /// Whether sending the request again after it may have been executed is harmless.
    fn resend(&self) -> Resend {
        Resend::Harmless
    }
}

/// Decodes a JSON body with the tolerance the service needs.
pub(crate) fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    lenient::from_slice(body)
}

/// Whether a request may be repeated when its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Reads, deletes, tag changes, and creates that carry a `ClientToken`.
    Harmless,
    /// Creates without a token: a repeat could create twice.
    Unsafe,
}

impl Resend {
    /// The answer for an action whose only protection is its `ClientToken`.
    #[must_use]
    pub fn with_token(token: Option<&str>) -> Self {
        if token.is_some_and(|token| !token.is_empty()) { Self::Harmless } else { Self::Unsafe }
    }
}

/// How parameters and action name travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Parameters in the query of `POST /`.
    Rpc,
    /// Resource path, optional query, JSON body.
    Roa,
}

/// A request before endpoint, region, nonce, date and signature are known.
///
/// `Debug` shows the shape only: parameters and bodies can carry user data and tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Serialisation style.
    pub style: Style,
    /// HTTP method.
    pub method: Method,
    /// Percent-encoded path, starting with `/`.
    pub path: String,
    /// Query parameters, decoded.
    pub query: Params,
    /// Body, if any.
    pub body: Option<Body>,
}

/// A request body with its media type.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// Value of the `content-type` header.
    pub content_type: &'static str,
    /// The bytes as sent and hashed.
    pub bytes: Bytes,
}

/// Media type of form bodies.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// Media type of JSON bodies, spelled as the official clients do.
const JSON: &str = "application/json; charset=utf-8";

impl Body {
    /// Form encoding of `params`, in canonical order and encoding.
    #[must_use]
    pub fn form(params: &Params) -> Self {
        let pairs = params.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        Self { content_type: FORM, bytes: encode_pairs(pairs).into() }
    }
}

impl Call {
    /// `POST /` with the flattened `request` as query.
    ///
    /// # Errors
    /// When `request` cannot be flattened.
    pub fn rpc<T: Serialize>(request: &T) -> Result<Self, serde_json::Error> {
        Ok(Self {
            style: Style::Rpc,
            method: Method::POST,
            path: "/".to_owned(),
            query: flatten(request)?,
            body: None,
        })
    }

    /// `POST /` with the flattened `request` as form body, which keeps its values out of access logs.
    ///
    /// # Errors
    /// When `request` cannot be flattened.
    pub fn rpc_form<T: Serialize>(request: &T) -> Result<Self, serde_json::Error> {
        let call = Self::rpc(request)?;
        let body = Some(Body::form(&call.query));
        Ok(Self { query: Params::new(), body, ..call })
    }

    /// `GET` of the resource made of `segments`, each encoded on its own.
    #[must_use]
    pub fn get(segments: &[&str]) -> Self {
        Self {
            style: Style::Roa,
            method: Method::GET,
            path: path(segments),
            query: Params::new(),
            body: None,
        }
    }

    /// `POST` of `request` as JSON to the resource made of `segments`.
    ///
    /// # Errors
    /// When `request` cannot be serialised.
    pub fn post_json<T: Serialize>(
        segments: &[&str],
        request: &T,
    ) -> Result<Self, serde_json::Error> {
        let body = Body { content_type: JSON, bytes: serde_json::to_vec(request)?.into() };
        Ok(Self { method: Method::POST, body: Some(body), ..Self::get(segments) })
    }
}

fn path(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", encode(segment))).collect()
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("parameters", &self.query.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.as_ref().map(|body| body.bytes.len()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

/// Implements [`Action`] for an RPC request that is flattened into the query and answered in JSON.
macro_rules! rpc_action {
    ($request:ty => $response:ty, $product:ident, $name:literal $(, { $($extra:tt)* })?) => {
        impl $crate::action::Action for $request {
            const PRODUCT: $crate::action::Product = $crate::action::Product::$product;
            const NAME: &'static str = $name;
            type Response = $response;

            fn call(&self) -> Result<$crate::action::Call, serde_json::Error> {
                $crate::action::Call::rpc(self)
            }

            fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error> {
                $crate::action::decode_json(body)
            }

            $($($extra)*)?
        }
    };
}
pub(crate) use rpc_action;
