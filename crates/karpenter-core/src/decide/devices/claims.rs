//! What claims ask for, read and checked once.
//!
//! Source: Karpenter behaviour, dynamic resource allocation (validation of claims).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::MAX_DEVICES;
use super::allocated::is_free_again;
use super::capacity::Amounts;
use super::inventory::read_terms;
use super::problem::{ClaimFault, DeviceProblem};
use super::selector::{ProgramId, Selectors};
use crate::model::device_class::{DeviceClass, DeviceSelector};
use crate::model::ids::{NodeName, ObjectKey, Uid};
use crate::model::label_rules::LabelNormalization;
use crate::model::requirements::Requirements;
use crate::model::resource_claim::{
    ConstraintRule, DeviceAllocation, DeviceAsk, DeviceCount, RequestKind, ResourceClaim,
};
use crate::model::taints::Toleration;
use crate::state::Collection;

/// Most requests, alternatives of a request and constraints of a claim, as in the API.
const MAX_PARTS: usize = 32;

/// Most bytes of an expression that a message quotes.
const MAX_QUOTED: usize = 200;

/// Number of a list of things a device must be.
pub(super) type CriteriaId = usize;

/// A claim with what it asks for.
#[derive(Debug)]
pub(super) struct Planned {
    /// Which claim.
    pub(super) key: ObjectKey,
    /// What there is to do.
    pub(super) state: ClaimState,
}

/// Whether a claim has its devices.
#[derive(Debug)]
pub(super) enum ClaimState {
    /// It has; they can be used on nodes like this.
    Given { node: Option<NodeName>, requirements: Requirements },
    /// It needs some.
    Open { requests: Vec<Request>, rules: Vec<Rule> },
}

/// Some devices, asked for in one or several ways.
#[derive(Debug)]
pub(super) struct Request {
    /// In the order of trying.
    pub(super) alternatives: Vec<Alternative>,
}

/// Devices of one kind.
#[derive(Debug)]
pub(super) struct Alternative {
    /// Name of the request.
    pub(super) request: Arc<str>,
    /// `request/subrequest`, where there are several alternatives.
    pub(super) name: Option<Arc<str>>,
    /// What devices must be.
    pub(super) criteria: CriteriaId,
    /// How many; `None` for all.
    pub(super) count: Option<usize>,
    /// Least amounts by dimension.
    pub(super) capacity: Amounts,
}

/// Devices that must have one value of an attribute.
#[derive(Debug)]
pub(super) struct Rule {
    requests: Vec<Arc<str>>,
    /// Full name of the attribute.
    pub(super) attribute: Arc<str>,
}

/// What a device must be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Criteria {
    /// Expressions that must all select it.
    pub(super) programs: Vec<ProgramId>,
    /// Its taints that do not matter.
    pub(super) tolerations: Vec<Toleration>,
}

/// Reads claims.
#[derive(Debug)]
pub(super) struct ClaimReader<'a> {
    /// All claims of the cluster.
    pub(super) claims: &'a Collection<ResourceClaim>,
    /// All classes of the cluster.
    pub(super) classes: &'a Collection<DeviceClass>,
    /// Spellings of labels.
    pub(super) normalization: &'a LabelNormalization,
    /// Pods that go away.
    pub(super) leaving: BTreeSet<&'a Uid>,
    /// Lists of criteria met so far; few.
    pub(super) criteria: Vec<Criteria>,
}

impl Rule {
    /// Whether devices for `alternative` have to keep it.
    pub(super) fn is_about(&self, alternative: &Alternative) -> bool {
        let names = [Some(&alternative.request), alternative.name.as_ref()];
        self.requests.is_empty() || names.iter().flatten().any(|name| self.requests.contains(name))
    }
}

impl ClaimReader<'_> {
    /// The claim called `key`.
    ///
    /// # Errors
    /// Why it cannot be planned for, whatever nodes there are.
    pub(super) fn read(
        &mut self,
        key: &ObjectKey,
        selectors: &Selectors,
    ) -> Result<Planned, DeviceProblem> {
        let claim = self.claims.get(key);
        let claim = claim.ok_or_else(|| DeviceProblem::ClaimNotFound(key.clone()))?;
        let given = claim.allocation.as_ref();
        let given = given.filter(|_| !is_free_again(claim, &self.leaving));
        let state = match given {
            Some(allocation) => self.given(allocation),
            None => self.open(claim, selectors),
        };
        let problem = |fault| DeviceProblem::Claim { claim: key.clone(), fault };
        Ok(Planned { key: key.clone(), state: state.map_err(problem)? })
    }

    fn given(&self, allocation: &DeviceAllocation) -> Result<ClaimState, ClaimFault> {
        let terms = read_terms(&allocation.terms, self.normalization);
        let terms = terms.ok_or_else(|| unsupported("an operator of its node selector"))?;
        let requirements = terms.iter().flat_map(|term| term.iter().cloned()).collect();
        Ok(ClaimState::Given { node: allocation.node.clone(), requirements })
    }

    fn open(
        &mut self,
        claim: &ResourceClaim,
        selectors: &Selectors,
    ) -> Result<ClaimState, ClaimFault> {
        if claim.requests.len() > MAX_PARTS || claim.constraints.len() > MAX_PARTS {
            return Err(unsupported(&format!("more than {MAX_PARTS} requests or constraints")));
        }
        let mut requests = vec![];
        for request in &claim.requests {
            let name = &request.name;
            let alternatives = match &request.ask {
                RequestKind::Exactly(ask) => {
                    vec![self.alternative((name, None), ask, selectors)?]
                }
                RequestKind::FirstAvailable(asks) if asks.len() <= MAX_PARTS => {
                    let read = |(sub, ask): &(Arc<str>, DeviceAsk)| {
                        let full = Arc::from(format!("{name}/{sub}"));
                        self.alternative((name, Some(full)), ask, selectors)
                    };
                    asks.iter().map(read).collect::<Result<_, _>>()?
                }
                RequestKind::FirstAvailable(_) | RequestKind::Unknown => {
                    return Err(unsupported(&format!("the kind of request \"{name}\"")));
                }
            };
            requests.push(Request { alternatives });
        }
        let rules = claim.constraints.iter().map(|constraint| match &constraint.rule {
            ConstraintRule::MatchAttribute(attribute) => {
                Ok(Rule { requests: constraint.requests.clone(), attribute: attribute.clone() })
            }
            ConstraintRule::DistinctAttribute(_) => {
                Err(unsupported("constraint distinctAttribute"))
            }
            ConstraintRule::Unknown => Err(unsupported("a constraint of an unknown kind")),
        });
        Ok(ClaimState::Open { rules: rules.collect::<Result<_, _>>()?, requests })
    }

    fn alternative(
        &mut self,
        (request, name): (&Arc<str>, Option<Arc<str>>),
        ask: &DeviceAsk,
        selectors: &Selectors,
    ) -> Result<Alternative, ClaimFault> {
        if ask.admin_access {
            return Err(unsupported("adminAccess"));
        }
        let count = match &ask.count {
            DeviceCount::Exact(count) if *count > MAX_DEVICES => return Err(ClaimFault::TooMany),
            DeviceCount::Exact(count) => Some((*count).max(1)),
            DeviceCount::All => None,
            DeviceCount::Unknown(mode) => {
                return Err(unsupported(&format!("allocation mode {mode}")));
            }
        };
        let class = self.classes.get(&ask.class).ok_or_else(|| ClaimFault::ClassNotFound {
            request: request.clone(),
            class: ask.class.clone(),
        })?;
        let compile = |selector: &DeviceSelector| match selector {
            DeviceSelector::Cel(text) => {
                selectors.compile(text).map_err(|problem| ClaimFault::Selector {
                    request: request.clone(),
                    expression: text.chars().take(MAX_QUOTED).collect(),
                    problem,
                })
            }
            DeviceSelector::Unknown => Err(unsupported("a selector of an unknown kind")),
        };
        let programs = class.selectors.iter().chain(&ask.selectors).map(compile);
        let programs = programs.collect::<Result<_, _>>()?;
        let criteria = Criteria { programs, tolerations: ask.tolerations.clone() };
        Ok(Alternative {
            request: request.clone(),
            name,
            criteria: self.number(criteria),
            count,
            capacity: ask.capacity.clone(),
        })
    }

    fn number(&mut self, criteria: Criteria) -> CriteriaId {
        let known = self.criteria.iter().position(|known| *known == criteria);
        known.unwrap_or_else(|| {
            self.criteria.push(criteria);
            self.criteria.len() - 1
        })
    }
}

fn unsupported(what: &str) -> ClaimFault {
    ClaimFault::Unsupported(what.to_owned())
}
