//! The client: signs, sends, judges and repeats.
//!
//! # Flow
//! token from the limiter → credentials → nonce, date, signature → transport → answer, or a verdict → again.
//!
//! # Guarantees
//! Every attempt has its own nonce, date and signature; parameters, and with them the `ClientToken`, never change.
//! Every loop is bounded by the policy's attempts, its total time, and the deadline of the call.
//!
//! # Caveats
//! Dropping the future of a call does not undo an attempt that was sent.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Response, header};
use parking_lot::Mutex;
use rand::rngs::ChaCha8Rng;
use tokio::time::Instant;

use crate::{
    action::{Action, Call, Style},
    clock::{WallClock, monotonic},
    credentials::{Credentials, CredentialsProvider},
    error::{ErrorKind, SdkError, UNPARSABLE, parse_error},
    seed,
    sign::{
        SignatureScheme,
        request::{Envelope, build},
    },
    transport::{
        MAX_BODY_BYTES, Transport, TransportError,
        endpoint::{Endpoint, Endpoints},
        retry::{Attempts, RetryPolicy, Verdict},
        throttle::{self, Limiter, RateLimits},
    },
};

/// Everything a [`Client`] is made of.
#[derive(Clone)]
pub struct ClientConfig {
    /// Region of all calls, e.g. `cn-hangzhou`.
    pub region: String,
    /// How endpoints are chosen.
    pub endpoints: Endpoints,
    /// Who signs.
    pub credentials: Arc<dyn CredentialsProvider>,
    /// Who sends.
    pub transport: Arc<dyn Transport>,
    /// Time for signing dates and minute boundaries.
    pub clock: WallClock,
    /// Seed of nonces and jitter. Two processes that share credentials must not share it: the service refuses a
    /// nonce it has seen in the last 15 minutes.
    pub seed: u64,
    /// Bounds of repetition.
    pub retry: RetryPolicy,
    /// Rates of the client-side limiter.
    pub limits: RateLimits,
    /// Signature family.
    pub signature: SignatureScheme,
}

/// A client of all products in one region; cheap to clone, clones share limiter and random streams.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: ClientConfig,
    limiter: Limiter,
    nonces: Mutex<ChaCha8Rng>,
    jitter: Mutex<ChaCha8Rng>,
    /// The service's clock minus ours, learnt from an answer.
    skew: Mutex<TimeDelta>,
}

/// A failed attempt, with what its answer told besides the error.
struct Failure {
    error: SdkError,
    hint: Option<Duration>,
    server_time: Option<DateTime<Utc>>,
    credentials: Option<Credentials>,
}

impl From<SdkError> for Failure {
    fn from(error: SdkError) -> Self {
        Self { error, hint: None, server_time: None, credentials: None }
    }
}

/// What stays the same over all attempts of one call.
struct Prepared {
    call: Call,
    endpoint: Endpoint,
}

impl Client {
    /// A client with an empty history.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let shared = Shared {
            limiter: Limiter::new(config.limits.clone()),
            nonces: Mutex::new(seed::stream(config.seed, "nonce")),
            jitter: Mutex::new(seed::stream(config.seed, "jitter")),
            skew: Mutex::new(TimeDelta::zero()),
            config,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The region of all calls.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.shared.config.region
    }

    /// Performs `action` within the policy's default deadline.
    ///
    /// # Errors
    /// The last attempt's [`SdkError`].
    pub async fn send<A: Action>(&self, action: &A) -> Result<A::Response, SdkError> {
        self.send_before(action, monotonic() + self.shared.config.retry.deadline).await
    }

    /// Performs `action`; no attempt starts or lasts beyond `deadline`.
    ///
    /// # Errors
    /// The last attempt's [`SdkError`], or [`ErrorKind::Deadline`] when no attempt could start.
    pub async fn send_before<A: Action>(
        &self,
        action: &A,
        deadline: Instant,
    ) -> Result<A::Response, SdkError> {
        let shared = &*self.shared;
        let prepared = shared.prepare(action)?;
        let mut attempts = Attempts::new(&shared.config.retry, action.resend());
        let mut budget = shared.config.retry.total;
        let mut last = None;
        let mut throttled = false;
        let mut sent = 0;
        loop {
            if shared.limiter.acquire(A::NAME, deadline).await.is_err() {
                return Err(SdkError { attempts: sent, ..last.unwrap_or_else(no_time::<A>) });
            }
            let started = monotonic();
            let limit = A::ATTEMPT_TIMEOUT.min(deadline.saturating_duration_since(started));
            let failure = match shared.attempt::<A>(&prepared, limit, sent + 1).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            sent += u32::from(!matches!(failure.error.kind, ErrorKind::NoCredentials));
            let verdict = attempts.judge(failure.error.kind, &mut shared.jitter.lock());
            let wait = shared.react::<A>(verdict, &failure, &mut throttled);
            last = Some(SdkError { attempts: sent, ..failure.error });
            budget = budget.saturating_sub(monotonic().saturating_duration_since(started));
            let Some(wait) = wait.filter(|wait| fits(*wait, budget, deadline)) else {
                return Err(last.unwrap_or_else(no_time::<A>));
            };
            budget = budget.saturating_sub(wait);
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
    }
}

/// Whether a pause leaves time for another attempt.
fn fits(wait: Duration, budget: Duration, deadline: Instant) -> bool {
    wait < budget && monotonic() + wait < deadline
}

fn no_time<A: Action>() -> SdkError {
    SdkError::local(A::NAME, ErrorKind::Deadline, "no time for an attempt before the deadline")
}

impl Shared {
    fn prepare<A: Action>(&self, action: &A) -> Result<Prepared, SdkError> {
        let invalid = |message: &str| SdkError::local(A::NAME, ErrorKind::InvalidRequest, message);
        let mut call = action
            .call()
            .map_err(|error| invalid("request cannot be serialised").because(error))?;
        if A::REGIONAL && call.style == Style::Rpc {
            call.query.insert("RegionId".to_owned(), self.config.region.clone());
        }
        let endpoint = self
            .config
            .endpoints
            .resolve(A::PRODUCT, &self.config.region)
            .map_err(|error| invalid("no endpoint").because(error))?;
        Ok(Prepared { call, endpoint })
    }

    /// Carries a verdict out as far as it does not wait; the pause before the next attempt, none to give up.
    fn react<A: Action>(
        &self,
        verdict: Verdict,
        failure: &Failure,
        throttled: &mut bool,
    ) -> Option<Duration> {
        let repeated = std::mem::replace(throttled, verdict == Verdict::WhenAllowed);
        match verdict {
            Verdict::GiveUp => return None,
            Verdict::After(pause) => return Some(pause),
            Verdict::WhenAllowed => {
                self.limiter
                    .throttled(A::NAME, throttle::pause(failure.hint, repeated, self.now()));
            }
            Verdict::RefreshCredentials => {
                self.config.credentials.invalidate(failure.credentials.as_ref()?);
            }
            Verdict::CorrectClock => {
                *self.skew.lock() = failure.server_time? - (self.config.clock)();
            }
        }
        Some(Duration::ZERO)
    }

    /// Our clock, corrected by what the service told.
    fn now(&self) -> DateTime<Utc> {
        (self.config.clock)() + *self.skew.lock()
    }

    async fn attempt<A: Action>(
        &self,
        prepared: &Prepared,
        limit: Duration,
        number: u32,
    ) -> Result<A::Response, Failure> {
        let started = monotonic();
        // Fetching credentials may call a service of its own, so it counts against the attempt.
        let outcome = match tokio::time::timeout(limit, self.exchange::<A>(prepared)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SdkError::transport(A::NAME, TransportError::TimedOut).into()),
        };
        let latency_ms = monotonic().saturating_duration_since(started).as_millis();
        let region = self.config.region.as_str();
        match &outcome {
            Ok((_, request_id)) => {
                tracing::debug!(
                    action = A::NAME,
                    region,
                    attempt = number,
                    request_id,
                    latency_ms,
                    outcome = "ok"
                );
            }
            Err(Failure { error, .. }) => {
                tracing::debug!(
                    action = A::NAME,
                    region,
                    attempt = number,
                    request_id = error.request_id,
                    latency_ms,
                    status = error.status,
                    code = error.code,
                    outcome = ?error.kind
                );
            }
        }
        outcome.map(|(response, _)| response)
    }

    async fn exchange<A: Action>(
        &self,
        prepared: &Prepared,
    ) -> Result<(A::Response, String), Failure> {
        let credentials = self.credentials::<A>().await?;
        let nonce = seed::nonce(&mut self.nonces.lock());
        let envelope = Envelope {
            action: A::NAME,
            version: A::VERSION,
            endpoint: &prepared.endpoint,
            scheme: self.config.signature,
            date: self.now(),
            nonce: &nonce,
            credentials: credentials.as_ref(),
        };
        let request = build(&prepared.call, &envelope).map_err(|error| {
            let message = "request cannot be expressed in HTTP";
            SdkError::local(A::NAME, ErrorKind::InvalidRequest, message).because(error)
        })?;
        let sent = self.config.transport.send(request).await;
        let answer = sent.map_err(|error| SdkError::transport(A::NAME, error))?;
        let parsed = read_answer::<A>(&answer).map(|response| {
            let id = answer.headers().get("x-acs-request-id").and_then(|id| id.to_str().ok());
            (response, id.unwrap_or_default().to_owned())
        });
        parsed.map_err(|error| Failure {
            error,
            hint: throttle::hint(answer.headers()),
            server_time: server_time(answer.headers()),
            credentials,
        })
    }

    async fn credentials<A: Action>(&self) -> Result<Option<Credentials>, SdkError> {
        if !A::SIGNED {
            return Ok(None);
        }
        self.config.credentials.credentials().await.map(Some).map_err(|error| {
            SdkError::local(A::NAME, ErrorKind::NoCredentials, "cannot sign").because(error)
        })
    }
}

/// The response in `answer`, or the error it stands for.
fn read_answer<A: Action>(answer: &Response<Bytes>) -> Result<A::Response, SdkError> {
    let body = answer.body();
    if body.len() > MAX_BODY_BYTES {
        let error = TransportError::BodyTooLarge { limit: MAX_BODY_BYTES };
        return Err(SdkError::transport(A::NAME, error));
    }
    if !answer.status().is_success() {
        return Err(parse_error(A::NAME, answer.status(), answer.headers(), body));
    }
    A::decode(body).map_err(|error| SdkError {
        code: UNPARSABLE.to_owned(),
        status: Some(answer.status().as_u16()),
        ..SdkError::local(A::NAME, ErrorKind::Unparsable, "unexpected answer").because(error)
    })
}

fn server_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests;
