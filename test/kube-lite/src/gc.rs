//! Deletion that follows deletion: dependents of a gone owner, contents of a closing namespace.
//!
//! # Flow
//! After every request the server runs [`collect`] until nothing is left to do, inside the same
//! lock, so a client never sees a half-done cascade. Dependents are deleted in the background
//! sense: the owner goes first. Foreground deletion is treated as background deletion.
//!
//! # Caveats
//! An owner that this server never stored is left alone: fixtures may name owners that do not
//! exist, where a genuine garbage collector would delete the dependent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::admission;
use crate::kind::KindId;
use crate::object::{Key, finalizers, is_terminating, meta_str, metadata, owner_uids};
use crate::state::{Ctx, State};
use crate::verbs::{DeleteOptions, delete_object};
use crate::write_log::Verb;

/// Uids of gone objects that are remembered, so that late dependents are collected too.
const REMEMBERED: usize = 100_000;

type Place = (KindId, Key);

/// Who depends on whom.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    /// Dependents by owner uid.
    dependents: BTreeMap<String, BTreeSet<Place>>,
    /// Uids of removed objects, and the order of their removal.
    gone: BTreeSet<String>,
    gone_order: VecDeque<String>,
    /// Dependents to look at.
    pending: BTreeSet<Place>,
}

impl Owners {
    /// Follows a change of one object; `after` is `None` when it was removed.
    pub(crate) fn changed(
        &mut self,
        id: &KindId,
        key: &Key,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let uids = |object: Option<&Value>| -> BTreeSet<String> {
            object.into_iter().flat_map(owner_uids).map(str::to_owned).collect()
        };
        let (old, new) = (uids(before), uids(after));
        let place = || (id.clone(), key.clone());
        for uid in old.difference(&new) {
            if let Some(places) = self.dependents.get_mut(uid) {
                places.remove(&place());
                if places.is_empty() {
                    self.dependents.remove(uid);
                }
            }
        }
        for uid in new.difference(&old) {
            self.dependents.entry(uid.clone()).or_default().insert(place());
        }
        if new.iter().any(|uid| self.gone.contains(uid)) {
            self.pending.insert(place());
        }
        if after.is_none()
            && let Some(uid) = before.and_then(|o| meta_str(o, "uid"))
        {
            self.forget(uid.to_owned());
        }
    }

    fn forget(&mut self, uid: String) {
        self.pending.extend(self.dependents.get(&uid).into_iter().flatten().cloned());
        if self.gone.insert(uid.clone()) {
            self.gone_order.push_back(uid);
        }
        while self.gone_order.len() > REMEMBERED {
            if let Some(oldest) = self.gone_order.pop_front() {
                self.gone.remove(&oldest);
            }
        }
    }

    /// Dependents of an owner, in kind and key order.
    pub(crate) fn dependents(&self, uid: &str) -> Vec<Place> {
        self.dependents.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Whether every owner of an object is known to be gone.
    fn orphaned(&self, object: &Value) -> bool {
        let mut owners = owner_uids(object).peekable();
        owners.peek().is_some() && owners.all(|uid| self.gone.contains(uid))
    }
}

/// Deletes what has lost its owners and finishes namespaces that are empty.
pub(crate) fn collect(state: &mut State, ctx: &Ctx) {
    let ctx = Ctx { verb: Verb::Collect, dry_run: false, ..ctx.clone() };
    while let Some(place) = state.owners.pending.pop_first() {
        let found = state.store.get(&place.0, &place.1).map(|stored| stored.object);
        let Some(object) = found else { continue };
        if state.owners.orphaned(&object) && !is_terminating(&object) {
            delete_place(state, &ctx, &place);
        }
    }
    admission::release_claims(state, &ctx);
    finish_namespaces(state, &ctx);
    state.store.compact();
}

/// Asks for the deletion of everything in a namespace.
pub(crate) fn empty_namespace(state: &mut State, ctx: &Ctx, namespace: &str) {
    state.closing.insert(namespace.to_owned());
    let ctx = Ctx { verb: Verb::Collect, ..ctx.clone() };
    for place in contents(state, namespace) {
        delete_place(state, &ctx, &place);
    }
}

/// Removes an owner's uid from its dependents instead of deleting them.
pub(crate) fn orphan(state: &mut State, ctx: &Ctx, uid: &str) {
    let ctx = Ctx { verb: Verb::Collect, ..ctx.clone() };
    for (id, key) in state.owners.dependents(uid) {
        let Ok(kind) = state.kind(&id.0, &id.1) else { continue };
        let Ok(stored) = state.get(&kind, &key) else { continue };
        let mut object = (*stored.object).clone();
        if let Some(owners) = metadata(&mut object).get_mut("ownerReferences")
            && let Some(owners) = owners.as_array_mut()
        {
            owners.retain(|owner| owner["uid"] != uid);
        }
        state.put(&ctx, &kind, &key, object);
    }
}

fn delete_place(state: &mut State, ctx: &Ctx, (id, key): &Place) {
    if let Ok(kind) = state.kind(&id.0, &id.1) {
        // A dependent that vanished in between needs no deletion.
        let _ = delete_object(state, ctx, &kind, key, &DeleteOptions::default());
    }
}

fn contents(state: &State, namespace: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for id in state.store.kind_ids() {
        let keys = state.store.log(&id).into_iter().flat_map(|l| l.packed(Some(namespace), None));
        places.extend(keys.map(|(key, _)| (id.clone(), key.clone())));
    }
    places
}

fn finish_namespaces(state: &mut State, ctx: &Ctx) {
    for name in state.closing.clone() {
        if !contents(state, &name).is_empty() {
            continue;
        }
        state.closing.remove(&name);
        let Ok(kind) = state.kind("", "namespaces") else { continue };
        let key = Key::new("", &name);
        let Ok(stored) = state.get(&kind, &key) else { continue };
        let mut last = (*stored.object).clone();
        last["spec"] = json!({"finalizers": []});
        if finalizers(&last).next().is_none() {
            state.remove(ctx, &kind, &key, last);
        }
    }
}
