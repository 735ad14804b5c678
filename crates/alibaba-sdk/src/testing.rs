//! A transport that plays a script and keeps what it was sent; clients and clocks on virtual time.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use crate::{
    client::{Client, ClientConfig},
    clock::{WallClock, monotonic},
    credentials::{Credentials, StaticCredentials},
    lenient::parse_time,
    transport::{Transport, TransportError, endpoint::Endpoints},
};

/// One step of the script.
pub(crate) enum Reply {
    /// Status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection is refused.
    Refused,
    /// The connection breaks after the request was sent.
    Reset,
    /// No answer, ever.
    Silence,
}

/// 200 with `body`.
pub(crate) fn ok(body: &str) -> Reply {
    Reply::Answer(200, vec![("x-acs-request-id", "req-1".to_owned())], body.to_owned())
}

/// An error answer of an RPC product.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    error_with(status, code, &[])
}

/// An error answer with headers.
pub(crate) fn error_with(status: u16, code: &str, headers: &[(&'static str, &str)]) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let body = format!(r#"{{"Code":"{code}","Message":"text of {code}","RequestId":"req-2"}}"#);
    Reply::Answer(status, headers, body)
}

/// What was sent, and when after the script began.
pub(crate) struct Sent {
    pub(crate) at: Duration,
    pub(crate) request: Request<Bytes>,
}

impl Sent {
    /// All parameters, from query and form body, decoded.
    pub(crate) fn params(&self) -> BTreeMap<String, String> {
        let query = self.request.uri().query().unwrap_or_default();
        let body = std::str::from_utf8(self.request.body()).unwrap_or_default();
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        [query, body]
            .iter()
            .flat_map(|text| text.split('&'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect()
    }

    /// A header's text, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Plays replies in order; answers 599 when the script is over, so that a test fails with a plain error.
pub(crate) struct Script {
    replies: Mutex<VecDeque<Reply>>,
    sent: Mutex<Vec<Sent>>,
    start: Instant,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        let (replies, sent) = (Mutex::new(replies.into_iter().collect()), Mutex::default());
        Arc::new(Self { replies, sent, start: monotonic() })
    }

    /// Takes what was sent so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock())
    }

    /// When each request was sent.
    pub(crate) fn times(&self) -> Vec<Duration> {
        self.sent.lock().iter().map(|sent| sent.at).collect()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let at = monotonic() - self.start;
        self.sent.lock().push(Sent { at, request });
        let reply = self.replies.lock().pop_front();
        match reply {
            Some(Reply::Answer(status, headers, body)) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(body.into()).unwrap())
            }
            Some(Reply::Refused) => Err(TransportError::Connect("refused".into())),
            Some(Reply::Reset) => Err(TransportError::Interrupted("reset".into())),
            Some(Reply::Silence) => std::future::pending().await,
            None => Ok(Response::builder().status(599).body(Bytes::new()).unwrap()),
        }
    }
}

/// Wall time that starts at `text` and runs with virtual time.
pub(crate) fn clock_from(text: &str) -> WallClock {
    let (epoch, start): (DateTime<Utc>, _) = (parse_time(text).unwrap(), monotonic());
    Arc::new(move || epoch + (monotonic() - start))
}

/// A configuration for `script` at 03:04:30, half a minute before the next one.
pub(crate) fn config(script: &Arc<Script>) -> ClientConfig {
    let keys = Credentials::access_key("testid", "testsecret".into());
    ClientConfig {
        region: "cn-hangzhou".to_owned(),
        endpoints: Endpoints::default(),
        credentials: Arc::new(StaticCredentials(keys)),
        transport: Arc::clone(script) as Arc<dyn Transport>,
        clock: clock_from("2026-01-02T03:04:30Z"),
        seed: 7,
        retry: Default::default(),
        limits: Default::default(),
        signature: Default::default(),
    }
}

/// A client with [`config`].
pub(crate) fn client(script: &Arc<Script>) -> Client {
    Client::new(config(script))
}
