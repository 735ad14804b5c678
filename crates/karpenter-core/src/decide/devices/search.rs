//! A device for every place that claims ask one for: a depth-first search with backtracking, for one instance type.
//!
//! Devices are tried in a fixed order and the first combination wins. Places of one request are equal, so that of equal
//! combinations only the one in order is tried. Work is bounded by a count of devices looked at.
//!
//! Source: Karpenter behaviour, dynamic resource allocation. Differs: a count, not a clock, ends a search.

use std::sync::Arc;

use super::MAX_DEVICES;
use super::allocated::InUse;
use super::capacity::{self, Amounts};
use super::claims::{Alternative, Criteria, Request, Rule};
use super::inventory::Within;
use super::kinds::KindId;
use super::ledger::{BinId, Charge, Ledger, Ref, Use};
use super::selector::Selectors;
use super::stock::{Item, Memory, Stock};
use crate::model::device::{AttributeValue, DeviceId};
use crate::model::quantity::Quantity;
use crate::model::requirements::{AllowUndefined, Requirements};

/// A claim that needs devices.
#[derive(Debug)]
pub(super) struct Task<'t> {
    /// What it asks for.
    pub(super) requests: &'t [Request],
    /// What must hold of its devices.
    pub(super) rules: &'t [Rule],
    /// Per request and alternative, devices that are all there are; `None` where a number is asked for.
    pub(super) all: Vec<Vec<Option<Vec<Ref>>>>,
}

/// What is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'s, 'a> {
    /// What there is.
    pub(super) stock: &'s Stock<'a>,
    /// Who was promised what.
    pub(super) ledger: &'s Ledger,
    /// Expressions.
    pub(super) selectors: &'s Selectors,
    /// What devices can be asked to be.
    pub(super) criteria: &'s [Criteria],
    /// Keys that a node may leave undefined.
    pub(super) allowed: AllowUndefined<'s>,
    /// For which node.
    pub(super) bin: BinId,
    /// What it is charged.
    pub(super) charge: &'s Charge,
    /// Devices to choose from, in order.
    pub(super) devices: &'s [Ref],
    /// Claims to find devices for.
    pub(super) tasks: &'s [Task<'s>],
}

/// The search took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfSteps;

/// A search for one instance type.
pub(super) struct Search<'s, 'a> {
    field: Field<'s, 'a>,
    kind: KindId,
    /// What the type uses already.
    own: &'s Use,
    memory: &'s mut Memory,
    /// Devices that may still be looked at.
    steps: &'s mut usize,
    /// What the node is, as far as devices taken bind it.
    pub(super) requirements: Requirements,
    /// Devices taken, in order.
    pub(super) taken: Vec<Taken>,
    /// What they use.
    found: Use,
    /// Per claim and rule, what the first device settled.
    pins: Vec<Vec<Option<Pin>>>,
}

/// A device that was taken.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// The claim, by its place among the tasks.
    pub(super) task: usize,
    /// The device.
    pub(super) device: Ref,
    consumed: Amounts,
    counted: bool,
    pinned: Vec<usize>,
    requirements: Option<Requirements>,
}

/// How devices are to agree on an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pin {
    /// All have this value.
    Value(AttributeValue),
    /// All will have the value of this one.
    Bound(DeviceId),
}

/// A place to find a device for.
#[derive(Debug, Clone, Copy)]
struct Slot {
    task: usize,
    request: usize,
    alternative: usize,
    at: usize,
    /// Where among the devices to begin.
    from: usize,
}

impl<'s, 'a> Search<'s, 'a> {
    /// Nothing is taken yet.
    pub(super) fn new(
        field: Field<'s, 'a>,
        (kind, own): (KindId, &'s Use),
        requirements: Requirements,
        (memory, steps): (&'s mut Memory, &'s mut usize),
    ) -> Self {
        let pins = field.tasks.iter().map(|task| vec![None; task.rules.len()]).collect();
        let (taken, found) = (vec![], Use::default());
        Self { field, kind, own, memory, steps, requirements, taken, found, pins }
    }

    /// Whether all claims can have their devices; then they are taken, else nothing is.
    ///
    /// # Errors
    /// [`OutOfSteps`].
    pub(super) fn run(&mut self) -> Result<bool, OutOfSteps> {
        self.request(0, 0)
    }

    /// What the devices taken use.
    pub(super) fn into_found(self) -> (Use, Vec<Taken>, Requirements) {
        (self.found, self.taken, self.requirements)
    }

    fn request(&mut self, task: usize, request: usize) -> Result<bool, OutOfSteps> {
        let Some(own) = self.field.tasks.get(task) else { return Ok(true) };
        let Some(asked) = own.requests.get(request) else { return self.request(task + 1, 0) };
        for alternative in 0..asked.alternatives.len() {
            let slot = Slot { task, request, alternative, at: 0, from: 0 };
            let n_taken = self.taken.iter().filter(|taken| taken.task == task).count();
            let n_slots = self.n_slots(slot);
            if n_slots > 0 && n_taken + n_slots <= MAX_DEVICES && self.slot(slot)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn alternative(&self, slot: Slot) -> &'s Alternative {
        &self.field.tasks[slot.task].requests[slot.request].alternatives[slot.alternative]
    }

    fn all(&self, slot: Slot) -> Option<&'s [Ref]> {
        self.field.tasks[slot.task].all[slot.request][slot.alternative].as_deref()
    }

    fn n_slots(&self, slot: Slot) -> usize {
        self.all(slot).map_or_else(|| self.alternative(slot).count.unwrap_or(0), <[Ref]>::len)
    }

    fn slot(&mut self, slot: Slot) -> Result<bool, OutOfSteps> {
        if slot.at == self.n_slots(slot) {
            return self.request(slot.task, slot.request + 1);
        }
        let (devices, range) = match self.all(slot) {
            Some(all) => (all, slot.at..slot.at + 1),
            None => (self.field.devices, slot.from..self.field.devices.len()),
        };
        for at in range {
            *self.steps = self.steps.checked_sub(1).ok_or(OutOfSteps)?;
            let device = devices[at];
            if !self.take(slot, device) {
                continue;
            }
            let is_shareable = self.item(device).device.is_shareable;
            let from = if is_shareable { at } else { at + 1 };
            if self.slot(Slot { at: slot.at + 1, from, ..slot })? {
                return Ok(true);
            }
            self.put_back();
        }
        Ok(false)
    }

    fn item(&self, device: Ref) -> Item<'s> {
        self.field.stock.item(self.kind, device)
    }

    /// Takes the device if it can be had and will do.
    fn take(&mut self, slot: Slot, device: Ref) -> bool {
        let (item, alternative) = (self.item(device), self.alternative(slot));
        let Some(consumed) = self.available(device, item, alternative) else { return false };
        let is_first = !self.has(device);
        let Some(consumes) = item.consumes else { return false };
        if is_first && !consumes.iter().all(|(counter, n)| self.has_left(device, *counter, *n)) {
            return false;
        }
        let (field, memory) = (self.field, &mut *self.memory);
        let criteria = (alternative.criteria, field.criteria);
        let tables = (field.selectors, memory);
        if !field.stock.is_match((self.kind, device), criteria, tables) {
            return false;
        }
        let Some(pins) = self.pins_for(slot, item) else { return false };
        let Some(requirements) = self.bound_to(device) else { return false };
        let taken = Taken {
            task: slot.task,
            device,
            consumed,
            counted: is_first,
            pinned: pins.iter().map(|(rule, _)| *rule).collect(),
            requirements: requirements.map(|new| std::mem::replace(&mut self.requirements, new)),
        };
        for (rule, pin) in pins {
            self.pins[slot.task][rule] = Some(pin);
        }
        self.note(&taken);
        self.taken.push(taken);
        true
    }

    /// What is consumed of the device; `None` when it cannot be had.
    fn available(&self, device: Ref, item: Item<'_>, asked: &Alternative) -> Option<Amounts> {
        let consumed = capacity::consumed(&item.id.driver, item.device, &asked.capacity)?;
        if !item.device.is_shareable {
            let is_kept = matches!(device, Ref::Published(id)
                if self.field.ledger.is_kept_from(self.field.bin, id));
            let is_free = self.field.stock.in_use(device).is_none() && !is_kept;
            return (is_free && !self.has(device)).then_some(consumed);
        }
        let before = match self.field.stock.in_use(device) {
            Some(InUse::Whole) => return None,
            Some(InUse::Shared(amounts)) => Some(amounts),
            None => None,
        };
        let fits = |(dimension, amount): (&Arc<str>, &Quantity)| {
            let key = (device, dimension.clone());
            let elsewhere = match device {
                Ref::Published(id) => {
                    self.field.ledger.shared_elsewhere(id, dimension, self.field.charge)
                }
                Ref::Template(_) => Quantity::ZERO,
            };
            let used = [
                before.and_then(|amounts| amounts.get(dimension)),
                self.own.capacity.get(&key),
                self.found.capacity.get(&key),
            ];
            let used = used.into_iter().flatten().fold(elsewhere, |sum, used| sum + *used);
            used + *amount <= item.capacity(dimension)
        };
        consumed.iter().all(fits).then_some(consumed)
    }

    fn has(&self, device: Ref) -> bool {
        self.own.devices.contains_key(&device) || self.found.devices.contains_key(&device)
    }

    /// Whether a counter of the pool of `device` has `amount` left.
    fn has_left(&self, device: Ref, counter: usize, amount: Quantity) -> bool {
        let (counter, elsewhere) = match device {
            Ref::Published(_) => {
                let elsewhere = self.field.ledger.counted_elsewhere(counter, self.field.charge);
                (Ref::Published(counter), elsewhere)
            }
            Ref::Template(_) => (Ref::Template(counter), Quantity::ZERO),
        };
        let used = [self.own.counters.get(&counter), self.found.counters.get(&counter)];
        let used = used.into_iter().flatten().fold(elsewhere, |sum, used| sum + *used);
        used + amount <= self.field.stock.budget(self.kind, counter)
    }

    /// What the device settles of the rules about its request; `None` when it breaks one.
    fn pins_for(&self, slot: Slot, item: Item<'_>) -> Option<Vec<(usize, Pin)>> {
        let alternative = self.alternative(slot);
        let bindings = &self.field.stock.kinds[self.kind].bindings;
        let mut pins = vec![];
        let rules = self.field.tasks[slot.task].rules.iter().enumerate();
        for (at, rule) in rules.filter(|(_, rule)| rule.is_about(alternative)) {
            let value = item.attribute(&rule.attribute);
            match (&self.pins[slot.task][at], value) {
                (None, Some(value)) => pins.push((at, Pin::Value(value.clone()))),
                (None, None) if bindings.are_bound(&rule.attribute, item.id, item.id) => {
                    pins.push((at, Pin::Bound(item.id.clone())));
                }
                (Some(Pin::Value(pinned)), Some(value)) if pinned == value => {}
                (Some(Pin::Bound(first)), None)
                    if bindings.are_bound(&rule.attribute, first, item.id) => {}
                (None | Some(Pin::Bound(_)), None) | (Some(_), _) => return None,
            }
        }
        Some(pins)
    }

    /// What the node has to be to reach the device, if that is news; `None` when it cannot.
    #[expect(clippy::option_option, reason = "no node, any node, such a node")]
    fn bound_to(&self, device: Ref) -> Option<Option<Requirements>> {
        let Ref::Published(id) = device else { return Some(None) };
        match &*self.field.stock.inventory.devices[id].reach {
            Within::Selected { all, .. } => {
                let is_possible = self.requirements.is_compatible(all, self.field.allowed);
                is_possible.then(|| Some(self.requirements.intersect(all)))
            }
            Within::Node(_) | Within::Everywhere => Some(None),
            Within::Nowhere => None,
        }
    }

    fn note(&mut self, taken: &Taken) {
        let item = self.field.stock.item(self.kind, taken.device);
        self.found.devices.insert(taken.device, !item.device.is_shareable);
        if matches!(taken.device, Ref::Template(_)) {
            self.found.drivers.insert(item.id.driver.clone());
        }
        if taken.counted {
            for (counter, amount) in item.consumes.into_iter().flatten() {
                *self.found.counters.entry(like(taken.device, *counter)).or_default() += *amount;
            }
        }
        for (dimension, amount) in &taken.consumed {
            let key = (taken.device, dimension.clone());
            *self.found.capacity.entry(key).or_default() += *amount;
        }
    }

    /// Undoes the last [`take`](Self::take).
    fn put_back(&mut self) {
        let Some(last) = self.taken.pop() else { return };
        if let Some(requirements) = last.requirements {
            self.requirements = requirements;
        }
        for rule in last.pinned {
            self.pins[last.task][rule] = None;
        }
        let left = std::mem::take(&mut self.taken);
        self.found = Use::default();
        left.iter().for_each(|taken| self.note(taken));
        self.taken = left;
    }
}

/// The counter of this number, of the same side as `device`.
fn like(device: Ref, counter: usize) -> Ref {
    match device {
        Ref::Published(_) => Ref::Published(counter),
        Ref::Template(_) => Ref::Template(counter),
    }
}
