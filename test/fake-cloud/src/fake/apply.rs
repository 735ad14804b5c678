//! Pulling a lever: checks every name against the world, then changes it. A refused lever changes
//! nothing.

use std::fmt::Display;

use chrono::{DateTime, Utc};

use super::{
    lever::{FaultLever, Lever, Target, Times, TimingLever},
    reply::Refusal,
};
use crate::{
    Config, FaultAnswer, FaultSpec, Market, RateLimit, action,
    cloud::State,
    world::{World, instance::Instance},
};

/// Most faults that may wait for one action.
const MAX_FAULTS: usize = 1000;
/// Longest text that is taken for a name, an error code or a message, bytes.
const MAX_TEXT: usize = 1024;

impl Lever {
    /// Pulls the lever at `now`; returns the ids of the instances it touched.
    ///
    /// # Errors
    /// The field that cannot be what it is, and what would do.
    pub(crate) fn pull(
        &self,
        state: &mut State,
        config: &Config,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, Refusal> {
        let world = &mut state.world;
        match self {
            Lever::Stock { instance_type, zone, market, stock } => {
                known_type(world, instance_type)?;
                known_zone(world, zone)?;
                let both = [Market::OnDemand, Market::Spot];
                for market in market.as_ref().map_or(&both[..], std::slice::from_ref) {
                    world.stock.set(*market, zone, instance_type, *stock);
                }
            }
            Lever::Zone { zone, category } => {
                known_zone(world, zone)?;
                category.as_deref().map_or(Ok(()), known_category)?;
                world.stock.set_zone_category(zone, category.as_deref());
            }
            Lever::Price { instance_type, price } => {
                known_type(world, instance_type)?;
                price.map_or(Ok(()), sane_price)?;
                world.prices.set_on_demand(instance_type, *price);
            }
            Lever::SpotPrice { instance_type, zone, price } => {
                known_type(world, instance_type)?;
                known_zone(world, zone)?;
                sane_price(*price)?;
                world.prices.pin_spot(instance_type, zone, *price);
            }
            Lever::Quota { family, vcpus } => set_quota(world, family, *vcpus)?,
            Lever::AvailableIps { vswitch, count } => set_available_ips(world, vswitch, *count)?,
            Lever::Timing(timing) => {
                timing.merge_into(world);
                world.refresh(now);
            }
            Lever::Reservation(reservation) => {
                known_type(world, &reservation.instance_type)?;
                known_zone(world, &reservation.zone)?;
                let id = short("id", &reservation.id)?;
                world.reservations.insert(id, reservation.clone());
            }
            Lever::Role { name } => {
                world.account.roles.insert(short("name", name)?);
            }
            Lever::KeyPair { name } => {
                world.account.key_pairs.insert(short("name", name)?);
            }
            Lever::Interrupt(target) => {
                return target.befall(world, |world, id| world.interrupt(id, now));
            }
            Lever::Vanish(target) => {
                return target.befall(world, |world, id| world.remove(id).is_some());
            }
            Lever::Stop(target) => {
                return target.befall(world, |w, id| w.set_stopped(id, true, now));
            }
            Lever::Start(target) => {
                return target.befall(world, |w, id| w.set_stopped(id, false, now));
            }
            Lever::ForgetCalls {} => state.calls.clear(),
            Lever::Reset {} => state.reset(config),
            other => other.pull_on_calls(state)?,
        }
        Ok(Vec::new())
    }

    /// The levers that change how calls are answered.
    fn pull_on_calls(&self, state: &mut State) -> Result<(), Refusal> {
        match self {
            Lever::Fault(fault) => {
                known_action(&fault.action)?;
                if state.faults.count(&fault.action) >= MAX_FAULTS {
                    let problem =
                        format!("{MAX_FAULTS} faults wait already; heal the action first");
                    return Err(Refusal::bad("action", problem));
                }
                state.faults.plan(&fault.action, fault.spec()?);
            }
            Lever::Heal { action } => state.faults.heal(known_action(action)?),
            Lever::Throttle { action, calls, window, retry_after } => {
                let limit = match window.num_seconds() {
                    1 => RateLimit::per_second(*calls),
                    60 => RateLimit::per_minute(*calls),
                    _ => return Err(Refusal::bad("window", "windows are 1s or 1m long")),
                };
                let limit = if *retry_after { limit.with_retry_after() } else { limit };
                state.throttles.set(known_action(action)?, Some(limit));
            }
            Lever::Unthrottle { action } => state.throttles.set(known_action(action)?, None),
            Lever::Deny { action } => {
                state.world.account.denied.insert(known_action(action)?.to_owned());
            }
            Lever::Allow { action } => {
                state.world.account.denied.remove(known_action(action)?);
            }
            _ => {}
        }
        Ok(())
    }
}

impl FaultLever {
    fn spec(&self) -> Result<FaultSpec, Refusal> {
        if let FaultAnswer::Error { status, code, message } = &self.answer {
            if !(400..=599).contains(status) {
                return Err(Refusal::bad(
                    "answer.error.status",
                    "a status of 400 to 599 is needed",
                ));
            }
            short("answer.error.code", code)?;
            short("answer.error.message", message)?;
        }
        let times = match self.times {
            Times::Always => u32::MAX,
            Times::Calls(0) => {
                return Err(Refusal::bad("times.calls", "at least 1, or \"always\""));
            }
            Times::Calls(n) => n,
        };
        let (answer, point, skip) = (self.answer.clone(), self.point, self.skip);
        Ok(FaultSpec { answer, point, skip, times })
    }
}

impl TimingLever {
    fn merge_into(&self, world: &mut World) {
        let timing = &mut world.timing;
        for (new, old) in [
            (self.pending, &mut timing.pending),
            (self.starting, &mut timing.starting),
            (self.release, &mut timing.release),
            (self.describe_delay, &mut timing.describe_delay),
            (self.reclaim_notice, &mut timing.reclaim_notice),
        ] {
            *old = new.unwrap_or(*old);
        }
    }
}

impl Target {
    /// Lets `fate` befall the instances meant, and returns those it befell.
    fn befall(
        &self,
        world: &mut World,
        mut fate: impl FnMut(&mut World, &str) -> bool,
    ) -> Result<Vec<String>, Refusal> {
        if let Some(id) = &self.id {
            if !world.instances.contains_key(id) {
                return Err(Refusal::missing("id", id, "GET /__fake/instances lists them"));
            }
            if !fate(world, id) {
                return Err(Refusal::bad("id", format!("{id} is no spot instance")));
            }
            return Ok(vec![id.clone()]);
        }
        self.instance_type.as_deref().map_or(Ok(()), |name| known_type(world, name))?;
        self.zone.as_deref().map_or(Ok(()), |zone| known_zone(world, zone))?;
        let n = self.count.unwrap_or(1) as usize;
        let meant = world.instances_by_age().into_iter().filter(|i| self.means(i));
        let ids: Vec<String> = meant.map(|i| i.id.clone()).collect();
        Ok(ids.into_iter().filter(|id| fate(world, id)).take(n).collect())
    }

    fn means(&self, instance: &Instance) -> bool {
        self.instance_type.as_ref().is_none_or(|name| *name == instance.instance_type)
            && self.zone.as_ref().is_none_or(|zone| *zone == instance.zone)
            && self.market.is_none_or(|market| market == instance.spot_strategy.market())
    }
}

fn set_quota(world: &mut World, family: &str, vcpus: Option<u32>) -> Result<(), Refusal> {
    if !world.types.values().any(|of| of.family() == family) {
        let families = world.types.values().map(|of| of.family().to_owned());
        return Err(unknown("family", family, families));
    }
    match vcpus {
        Some(vcpus) => world.account.vcpu_quotas.insert(family.to_owned(), vcpus),
        None => world.account.vcpu_quotas.remove(family),
    };
    Ok(())
}

fn set_available_ips(world: &mut World, id: &str, count: u32) -> Result<(), Refusal> {
    let Some(vswitch) = world.vswitches.get_mut(id) else {
        return Err(unknown("vswitch", id, world.vswitches.keys()));
    };
    vswitch.available_ips = count;
    Ok(())
}

fn known_type(world: &World, name: &str) -> Result<(), Refusal> {
    if world.types.contains_key(name) {
        return Ok(());
    }
    Err(unknown("instanceType", name, world.types.keys()))
}

fn known_zone(world: &World, name: &str) -> Result<(), Refusal> {
    if world.zones.iter().any(|zone| zone == name) {
        return Ok(());
    }
    Err(unknown("zone", name, &world.zones))
}

fn known_action(name: &str) -> Result<&str, Refusal> {
    if action::names().any(|known| known == name) {
        return Ok(name);
    }
    Err(unknown("action", name, action::names()))
}

fn known_category(name: &str) -> Result<(), Refusal> {
    let all = ["WithStock", "WithoutStock", "ClosedWithStock", "ClosedWithoutStock"];
    if all.contains(&name) { Ok(()) } else { Err(unknown("category", name, all)) }
}

fn sane_price(price: f64) -> Result<(), Refusal> {
    if (0.0..=1e6).contains(&price) {
        return Ok(());
    }
    Err(Refusal::bad("price", "a price per hour of 0 to 1000000 is needed"))
}

fn short(field: &str, text: &str) -> Result<String, Refusal> {
    if (1..=MAX_TEXT).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(Refusal::bad(field, format!("a text of 1 to {MAX_TEXT} bytes is needed")))
}

/// Names what there is instead, as far as it fits a line.
fn unknown<T: Display>(field: &str, name: &str, all: impl IntoIterator<Item = T>) -> Refusal {
    let mut names: Vec<String> = all.into_iter().map(|name| name.to_string()).collect();
    names.sort();
    names.dedup();
    let more = if names.len() > 12 { ", …" } else { "" };
    names.truncate(12);
    Refusal::bad(field, format!("\"{name}\" is unknown; there are {}{more}", names.join(", ")))
}
