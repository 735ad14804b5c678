//! Devices for claims that have none: what all instance types of a node can give them.

use super::allocator::{Allocation, Allocator, View};
use super::claims::{Alternative, ClaimState, Request, Rule};
use super::inventory::Within;
use super::kinds::KindId;
use super::ledger::{BinId, ClaimId, Ref, Share, Use};
use super::pools::{self, NearPool};
use super::problem::{ClaimFault, DeviceProblem, PoolState};
use super::search::{Field, OutOfSteps, Search, Task};
use super::{MAX_DEVICES, MAX_STEPS};
use crate::model::requirements::Requirements;

/// All published devices of a task, per request and alternative, where all are asked for.
type AllPublished = Vec<Vec<Option<Vec<Ref>>>>;

/// What an instance type would use, what of it is whose, and what the node becomes.
type Found = (Use, Vec<Share>, Requirements);

impl Allocator<'_> {
    /// Devices for the `open` claims on a node that is bound to `requirements` by the others.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn find(
        &self,
        view: View<'_>,
        requirements: Requirements,
        open: Vec<ClaimId>,
    ) -> Result<Allocation, DeviceProblem> {
        let base = view.requirements.intersect(&requirements);
        let pools = pools::near(&self.stock.inventory, view.node, &base, self.allowed());
        let all = self.all_published(&pools, &open)?;
        let mut answer = Allocation { requirements, open, ..Allocation::default() };
        let mut requirements = base;
        for (at, kind) in view.types {
            let tables = (&pools[..], &all[..]);
            let found = self.search((*at, *kind), view, tables, (&requirements, &answer.open))?;
            if let Some((used, shares, narrowed)) = found {
                let asked = shares.iter().flat_map(|share| share.requirements.iter().cloned());
                answer.requirements.extend(asked);
                answer.found.insert(*at, (used, shares));
                answer.types.push(*at);
                requirements = narrowed;
            }
        }
        match (answer.types.is_empty(), view.bin) {
            (false, _) => Ok(answer),
            (true, BinId::Claim(_)) => Err(DeviceProblem::NoInstanceType),
            (true, BinId::Node(_)) => Err(DeviceProblem::NotOnNode),
        }
    }

    fn parts(&self, claim: ClaimId) -> (&[Request], &[Rule]) {
        match &self.claims[claim].state {
            ClaimState::Open { requests, rules } => (requests, rules),
            ClaimState::Given { .. } => (&[], &[]),
        }
    }

    /// Published devices of every request for all there are.
    fn all_published(
        &self,
        pools: &[NearPool],
        open: &[ClaimId],
    ) -> Result<Vec<AllPublished>, DeviceProblem> {
        let mut tasks = vec![];
        for claim in open {
            let problem =
                |fault| DeviceProblem::Claim { claim: self.claims[*claim].key.clone(), fault };
            let (requests, _) = self.parts(*claim);
            let mut all: AllPublished = vec![];
            for request in requests {
                let alternatives = request.alternatives.iter();
                let own = alternatives.map(|one| self.all_of(one, pools)).collect::<Result<_, _>>();
                all.push(own.map_err(problem)?);
            }
            if least(requests, &all) > MAX_DEVICES {
                return Err(problem(ClaimFault::TooMany));
            }
            tasks.push(all);
        }
        Ok(tasks)
    }

    fn all_of(
        &self,
        alternative: &Alternative,
        pools: &[NearPool],
    ) -> Result<Option<Vec<Ref>>, ClaimFault> {
        if alternative.count.is_some() {
            return Ok(None);
        }
        if let Some((pool, state)) = pools.iter().find_map(|pool| Some((pool.pool, pool.flaw?))) {
            let pool = &self.stock.inventory.pools[pool];
            let (driver, pool) = (pool.driver.clone(), pool.name.clone());
            let request = alternative.request.clone();
            return Err(ClaimFault::Pool { request, driver, pool, state });
        }
        let devices = pools.iter().flat_map(|pool| &pool.devices).map(|id| Ref::Published(*id));
        Ok(Some(devices.filter(|device| self.is_match(0, *device, alternative)).collect()))
    }

    fn is_match(&self, kind: KindId, device: Ref, alternative: &Alternative) -> bool {
        let criteria = (alternative.criteria, &self.reader.criteria[..]);
        let mut memory = self.memory.borrow_mut();
        self.stock.is_match((kind, device), criteria, (&self.selectors, &mut memory))
    }

    /// Devices for the claims if the node becomes one instance type.
    fn search(
        &self,
        (at, kind): (usize, KindId),
        view: View<'_>,
        (pools, all): (&[NearPool], &[AllPublished]),
        (requirements, open): (&Requirements, &[ClaimId]),
    ) -> Result<Option<Found>, DeviceProblem> {
        let templates = (0..self.stock.kinds[kind].devices.len()).map(Ref::Template);
        let templates: Vec<Ref> = templates.collect();
        let tasks: Vec<Task<'_>> = open
            .iter()
            .zip(all)
            .map(|(claim, all)| {
                let (requests, rules) = self.parts(*claim);
                let all = self.with_templates((kind, &templates), requests, all);
                Task { requests, rules, all }
            })
            .collect();
        if tasks.iter().any(|task| least(task.requests, &task.all) > MAX_DEVICES) {
            return Ok(None);
        }
        let sound = pools.iter().filter(|pool| pool.flaw != Some(PoolState::Incomplete));
        let published = sound.flat_map(|pool| &pool.devices).map(|id| Ref::Published(*id));
        let devices: Vec<Ref> = published.chain(templates).collect();
        let (nothing, charge) = (Use::default(), self.ledger.charge(view.bin));
        let own = self.ledger.uses(view.bin).and_then(|uses| uses.get(&at)).unwrap_or(&nothing);
        let field = Field {
            stock: &self.stock,
            ledger: &self.ledger,
            selectors: &self.selectors,
            criteria: &self.reader.criteria,
            allowed: self.allowed(),
            bin: view.bin,
            charge: &charge,
            devices: &devices,
            tasks: &tasks,
        };
        let (mut memory, mut steps) = (self.memory.borrow_mut(), MAX_STEPS);
        let tables = (&mut *memory, &mut steps);
        let mut search = Search::new(field, (kind, own), requirements.clone(), tables);
        if !search.run().map_err(|OutOfSteps| DeviceProblem::GaveUp(MAX_STEPS))? {
            return Ok(None);
        }
        let (used, taken, narrowed) = search.into_found();
        let mut shares = vec![Share::default(); open.len()];
        for one in taken {
            self.share(&mut shares[one.task], one.device);
        }
        Ok(Some((used, shares, narrowed)))
    }

    /// All devices of every request for all there are, with those that come with the node.
    fn with_templates(
        &self,
        (kind, templates): (KindId, &[Ref]),
        requests: &[Request],
        all: &AllPublished,
    ) -> AllPublished {
        let of_alternative = |(alternative, all): (&Alternative, &Option<Vec<Ref>>)| {
            let mut all = all.clone()?;
            let own = templates.iter().filter(|device| self.is_match(kind, **device, alternative));
            all.extend(own);
            Some(all)
        };
        let of_request = |(request, all): (&Request, &Vec<Option<Vec<Ref>>>)| {
            request.alternatives.iter().zip(all).map(of_alternative).collect()
        };
        requests.iter().zip(all).map(of_request).collect()
    }

    /// Adds a device to what a claim gets.
    fn share(&self, share: &mut Share, device: Ref) {
        match device {
            Ref::Template(_) => share.is_local = true,
            Ref::Published(id) => match &*self.stock.inventory.devices[id].reach {
                Within::Node(_) => share.is_local = true,
                Within::Selected { all, .. } => share.requirements.extend(all.iter().cloned()),
                Within::Everywhere | Within::Nowhere => {}
            },
        }
    }
}

/// The fewest devices that the requests come to.
fn least(requests: &[Request], all: &AllPublished) -> usize {
    let n = |(alternative, all): (&Alternative, &Option<Vec<Ref>>)| {
        all.as_ref().map_or_else(|| alternative.count.unwrap_or(0), Vec::len)
    };
    let of_request = |(request, all): (&Request, &Vec<Option<Vec<Ref>>>)| {
        request.alternatives.iter().zip(all).map(n).min().unwrap_or(0)
    };
    requests.iter().zip(all).map(of_request).sum()
}
