//! Resolving the parts of a class that are due.

use std::time::Duration;

use alibaba_sdk::error::{ErrorKind, SdkError};
use jiff::Timestamp;
use karpenter_core::effects::error::report;

use super::adoption;
use super::memory::{Memory, Part};
use super::validate::validate;
use crate::api::conditions::{
    self, CAPACITY_RESERVATIONS_READY, IMAGES_READY, RAM_ROLE_READY, SECURITY_GROUPS_READY,
    V_SWITCHES_READY, VALIDATION_SUCCEEDED, Verdict,
};
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec};
use crate::api::status::ECSNodeClassStatus;
use crate::catalog::market::MarketView;
use crate::errors;
use crate::images;
use crate::network;
use crate::passwords::{self, PasswordError};
use crate::provider::AlibabaProvider;
use crate::reservations;
use crate::roles;

/// Failures in a row after which a condition says so.
const TOLERATED: u32 = 3;

/// Longest wait before a part whose calls keep failing is read again.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 60);

/// How soon a resolved class is looked at again while tables of the region are missing.
const MARKET_CHECK: Duration = Duration::from_secs(30);

/// How soon a role that instances cannot take on is looked at again.
const ROLE_CHECK: Duration = Duration::from_secs(60);

/// A class with the parts that were due resolved anew.
pub(in crate::controllers) struct Resolution {
    /// New status.
    pub(in crate::controllers) status: ECSNodeClassStatus,
    /// New memory.
    pub(in crate::controllers) memory: Memory,
    /// What does not hold, for people.
    pub(in crate::controllers) problems: Vec<String>,
}

/// Resolves the parts of `class` that `memory` says are due.
pub(in crate::controllers) async fn resolve(
    provider: &AlibabaProvider,
    class: &ECSNodeClass,
    mut memory: Memory,
    now: Timestamp,
) -> Resolution {
    let generation = class.metadata.generation.unwrap_or_default();
    let market = provider.market.view();
    let parts = memory.due(generation, now);
    if memory.generation != generation {
        memory = Memory { generation, ..Memory::default() };
    }
    let mut status = class.status.clone().unwrap_or_default();
    let mut verdicts = vec![judge_spec(provider, class, &market).await];
    let is_market_read = market.problem().is_none();
    for part in parts {
        let (found, verdict) =
            match resolve_part(provider, class, part, &market, now, &mut status).await {
                Ok(verdict) => {
                    memory.failures.remove(&part);
                    (verdict.as_ref().is_none_or(|verdict| verdict.holds == Some(true)), verdict)
                }
                Err(error) => (false, failed(part, &error, &mut memory)),
            };
        let failures = memory.failures.get(&part).copied().unwrap_or_default();
        let wait = match (found, is_market_read) {
            (false, _) => backed_off(not_found_interval(provider, part), failures),
            (true, false) => MARKET_CHECK,
            (true, true) => interval(provider, part),
        };
        memory.due.insert(part, now + wait);
        verdicts.extend(verdict);
    }
    if !adoption::needs_policy(class) {
        status.conditions.retain(|c| !adoption::OLD_CONDITIONS.contains(&&*c.type_));
    }
    status.conditions = conditions::fold(&status.conditions, &verdicts, generation, now);
    let unmet = verdicts.iter().filter(|verdict| verdict.holds != Some(true));
    let problems = unmet.map(|v| format!("{}: {}: {}", v.kind, v.reason, v.message)).collect();
    Resolution { status, memory, problems }
}

async fn judge_spec(
    provider: &AlibabaProvider,
    class: &ECSNodeClass,
    market: &MarketView,
) -> Verdict {
    if let Some(problem) = market.problem() {
        return Verdict::unknown(VALIDATION_SUCCEEDED, "CloudAPIError", problem);
    }
    if adoption::needs_policy(class) {
        return adoption::refusal();
    }
    let verdict = validate(&class.spec, &provider.parts.options.cluster_id);
    if verdict.holds != Some(true) {
        return verdict;
    }
    match passwords::read(&provider.parts.kube, &class.spec).await {
        Ok(_) => verdict,
        Err(error @ PasswordError::Unusable(_)) => {
            Verdict::failed(VALIDATION_SUCCEEDED, "SecretNotFound", error.to_string())
        }
        Err(error @ PasswordError::Unreadable { .. }) => {
            Verdict::unknown(VALIDATION_SUCCEEDED, "SecretUnreadable", error.to_string())
        }
    }
}

/// How long a part that was resolved is good.
fn interval(provider: &AlibabaProvider, part: Part) -> Duration {
    let options = &provider.parts.options;
    match part {
        Part::VSwitches => options.v_switch_refresh,
        Part::SecurityGroups | Part::Images => options.image_refresh,
        Part::Reservations => options.reservation_refresh,
        Part::Role => options.role_refresh,
    }
}

/// How soon a part is looked at again that lacks something.
fn not_found_interval(provider: &AlibabaProvider, part: Part) -> Duration {
    match part {
        Part::VSwitches | Part::SecurityGroups | Part::Images => {
            provider.parts.options.not_found_refresh
        }
        Part::Reservations => provider.parts.options.reservation_refresh,
        Part::Role => ROLE_CHECK,
    }
}

/// `base`, doubled with every failure beyond the tolerated ones up to [`LONGEST_WAIT`].
fn backed_off(base: Duration, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(TOLERATED).min(16);
    base.saturating_mul(1 << doublings).min(base.max(LONGEST_WAIT))
}

/// Resolves one part into `status`; without a verdict there is nothing to say about it.
async fn resolve_part(
    provider: &AlibabaProvider,
    class: &ECSNodeClass,
    part: Part,
    market: &MarketView,
    now: Timestamp,
    status: &mut ECSNodeClassStatus,
) -> Result<Option<Verdict>, SdkError> {
    let (parts, spec) = (&provider.parts, &class.spec);
    let vpc = &market.cluster.vpc_id;
    match part {
        Part::VSwitches => {
            let terms = &spec.v_switch_selector_terms;
            let matches = network::discover::v_switches(&*parts.vpc, terms).await?;
            provider.learn_addresses(&matches.found);
            status.v_switches = network::select::v_switches(&matches.found, vpc);
            Ok(Some(network::select::judge_v_switches(&matches, &status.v_switches)))
        }
        Part::SecurityGroups => {
            let terms = &spec.security_group_selector_terms;
            let matches = network::discover::security_groups(&*parts.ecs, terms).await?;
            status.security_groups = network::select::security_groups(&matches.found, vpc);
            Ok(Some(network::select::judge_security_groups(&matches, &status.security_groups)))
        }
        Part::Images => {
            let registry = images::discover::Registry {
                ecs: &*parts.ecs,
                cs: &*parts.cs,
                cluster: &market.cluster,
                region: &parts.options.region,
            };
            let found = images::discover::images(registry, &spec.image_selector_terms).await?;
            status.images = found.images;
            Ok(Some(found.verdict))
        }
        Part::Reservations => resolve_reservations(provider, spec, now, status).await,
        Part::Role => {
            let name = spec.role.as_deref().filter(|name| !name.is_empty());
            let verdict = roles::judge(&*parts.ram, name).await?;
            status.ram_role = name.filter(|_| verdict.holds == Some(true)).map(str::to_owned);
            Ok(Some(verdict))
        }
    }
}

/// Reservations and the room in them; nothing is said of them where none are selected or the gate is shut.
async fn resolve_reservations(
    provider: &AlibabaProvider,
    spec: &ECSNodeClassSpec,
    now: Timestamp,
    status: &mut ECSNodeClassStatus,
) -> Result<Option<Verdict>, SdkError> {
    let terms = spec.capacity_reservation_terms();
    if terms.is_empty() || !provider.parts.options.reserved_capacity {
        status.capacity_reservations.clear();
        status.conditions.retain(|condition| condition.type_ != CAPACITY_RESERVATIONS_READY);
        return Ok(None);
    }
    let matches = reservations::discover::reservations(&*provider.parts.ecs, terms).await?;
    let rooms = reservations::select::rooms(&matches.found, now);
    provider.reservations.lock().learn(&rooms, now);
    let verdict = reservations::select::judge(&matches, &rooms);
    status.capacity_reservations = rooms;
    Ok(Some(verdict))
}

/// What to say about a part whose calls failed; `None` leaves the condition as it is.
fn failed(part: Part, error: &SdkError, memory: &mut Memory) -> Option<Verdict> {
    let failures = memory.failures.entry(part).or_default();
    *failures = failures.saturating_add(1);
    let needs_person = matches!(
        error.kind,
        ErrorKind::Auth
            | ErrorKind::Token
            | ErrorKind::NoCredentials
            | ErrorKind::ClockSkew
            | ErrorKind::Parameter
    );
    tracing::warn!(?part, failures, error = report(error), "resolving failed");
    (needs_person || *failures >= TOLERATED)
        .then(|| Verdict::unknown(condition(part), "CloudAPIError", errors::describe(error)))
}

fn condition(part: Part) -> &'static str {
    match part {
        Part::VSwitches => V_SWITCHES_READY,
        Part::SecurityGroups => SECURITY_GROUPS_READY,
        Part::Images => IMAGES_READY,
        Part::Reservations => CAPACITY_RESERVATIONS_READY,
        Part::Role => RAM_ROLE_READY,
    }
}

#[cfg(test)]
mod tests;
