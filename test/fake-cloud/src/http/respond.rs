//! Answers: success bodies, the two error envelopes, and the broken ones.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use serde_json::{Value, json};

use crate::{action::Product, error::ApiError, time};

/// What an action answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// A JSON document; RPC answers get their `RequestId` added.
    Json(Value),
    /// Plain text.
    Text(String),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Reply {
        Reply::Json(value)
    }
}

/// What every answer carries.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Request id.
    pub(crate) request_id: String,
    /// Time of the answer, for `Date`.
    pub(crate) now: DateTime<Utc>,
    /// Host of the request, echoed as `HostId`.
    pub(crate) host: String,
    /// Product asked, if known; decides the form of errors.
    pub(crate) product: Option<Product>,
}

impl Envelope {
    /// HTTP 200 with the reply.
    pub(crate) fn success(&self, reply: Reply) -> Response<Body> {
        match reply {
            Reply::Json(Value::Object(mut members)) if self.product != Some(Product::Cs) => {
                members.insert("RequestId".into(), self.request_id.clone().into());
                self.json(StatusCode::OK, &Value::Object(members))
            }
            Reply::Json(value) => self.json(StatusCode::OK, &value),
            Reply::Text(text) => {
                self.build(StatusCode::OK, "text/plain;charset=utf-8", text.into())
            }
        }
    }

    /// The error envelope of the product.
    pub(crate) fn error(&self, error: &ApiError) -> Response<Body> {
        let detail = error.denied.as_ref().map(|action| {
            json!({"AuthAction": action, "PolicyType": "AccountLevelIdentityBasedPolicy", "NoPermissionType": "ImplicitDeny"})
        });
        let mut body = match self.product {
            Some(Product::Cs) => json!({
                "code": error.code, "message": error.message, "requestId": self.request_id,
                "status": error.status.as_u16(),
            }),
            _ => json!({
                "RequestId": self.request_id, "HostId": self.host, "Code": error.code,
                "Message": error.message, "Recommend": self.recommend(&error.code),
            }),
        };
        if let Some(detail) = detail {
            let name = if self.product == Some(Product::Cs) {
                "accessDeniedDetail"
            } else {
                "AccessDeniedDetail"
            };
            body[name] = detail;
        }
        let mut response = self.json(error.status, &body);
        if let Some(millis) = error.retry_after_ms {
            response.headers_mut().insert("x-acs-retry-after", HeaderValue::from(millis));
        }
        response
    }

    /// HTTP 200 whose body breaks off with a connection error.
    pub(crate) fn reset(&self) -> Response<Body> {
        let mut response =
            self.build(StatusCode::OK, "application/json;charset=utf-8", Bytes::new());
        *response.body_mut() = Body::new(BrokenBody);
        response
    }

    /// HTTP 200 with half a document.
    pub(crate) fn malformed(&self) -> Response<Body> {
        self.build(
            StatusCode::OK,
            "application/json;charset=utf-8",
            Bytes::from_static(b"{\"RequestId\":\""),
        )
    }

    /// HTTP 502 with an HTML page.
    pub(crate) fn bad_gateway(&self) -> Response<Body> {
        let page =
            "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
        self.build(StatusCode::BAD_GATEWAY, "text/html", page.into())
    }

    fn recommend(&self, code: &str) -> String {
        let product = self.product.map_or("", Product::code);
        format!("https://api.aliyun.com/troubleshoot?q={code}&product={product}")
    }

    fn json(&self, status: StatusCode, value: &Value) -> Response<Body> {
        self.build(status, "application/json;charset=utf-8", value.to_string().into())
    }

    fn build(&self, status: StatusCode, kind: &'static str, body: Bytes) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        for (name, value) in
            [("x-acs-request-id", self.request_id.clone()), ("date", time::http_date(self.now))]
        {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A body that is nothing but a connection reset.
struct BrokenBody;

impl http_body::Body for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}
