//! A world that is still listening to everything that will be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::vocabulary::{Mentioned, Vocabulary};
use super::world::{SetId, World};
use crate::model::catalog_digest::CatalogDigest;
use crate::model::ids::LabelKey;
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirements::Requirements;

/// What was said and mentioned so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    well_known: &'a WellKnownLabels,
    said: Vec<Arc<Requirements>>,
    ids: FxHashMap<Arc<Requirements>, SetId>,
    mentioned: BTreeMap<LabelKey, Mentioned>,
}

impl<'a> Draft<'a> {
    /// Nothing was said yet.
    pub(super) fn new(well_known: &'a WellKnownLabels) -> Self {
        Self { well_known, said: vec![], ids: FxHashMap::default(), mentioned: BTreeMap::new() }
    }

    /// The number of `requirements` that somebody asks for; equal ones have equal numbers.
    pub(super) fn say(&mut self, requirements: Requirements) -> SetId {
        if let Some(id) = self.ids.get(&requirements) {
            return *id;
        }
        for requirement in requirements.iter() {
            self.mention(requirement.key()).note(requirement);
        }
        let id = SetId::new(self.said.len());
        let shared = Arc::new(requirements);
        self.said.push(shared.clone());
        self.ids.insert(shared, id);
        id
    }

    /// Listens to what instance types and their offerings say; values they merely list need no bit of their own.
    pub(super) fn overhear(&mut self, catalog: &CatalogDigest) {
        for requirement in &catalog.open {
            self.mention(requirement.key()).note(requirement);
        }
        for requirement in catalog.offers.iter().flat_map(|offer| offer.requirements.iter()) {
            let mentioned = self.mention(requirement.key());
            if requirement.complement() {
                mentioned.note(requirement);
            }
        }
    }

    /// Notes that `value` of `key` has to be told from all others.
    pub(super) fn tell_apart(&mut self, key: &LabelKey, value: &Arc<str>) {
        self.mention(key).note_value(value.clone());
    }

    /// Notes that somebody looks at `key`.
    pub(super) fn look_at(&mut self, key: &LabelKey) {
        self.mention(key);
    }

    /// The world in which nothing else is asked for.
    pub(super) fn close(self) -> World<'a> {
        let mut vocabularies = vec![];
        for (key, mentioned) in self.mentioned {
            let is_well_known = self.well_known.contains(key.as_str());
            vocabularies.push(Vocabulary::new(key, is_well_known, mentioned));
        }
        World::new(self.well_known, vocabularies, self.said)
    }

    fn mention(&mut self, key: &LabelKey) -> &mut Mentioned {
        if !self.mentioned.contains_key(key) {
            self.mentioned.insert(key.clone(), Mentioned::default());
        }
        self.mentioned.get_mut(key).expect("invariant: it was just put there")
    }
}
