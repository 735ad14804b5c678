//! The entries of `metadata.managedFields`.

use serde_json::{Value, json};

use super::fields::{Field, Fields};
use crate::object::{list, metadata, str_at};

/// How a manager came to its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn text(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// A manager's name and how it writes.
pub(super) type Identity<'a> = (&'a str, Operation);

#[derive(Debug)]
struct Entry {
    manager: String,
    operation: Operation,
    api_version: String,
    time: String,
    fields: Fields,
}

impl Entry {
    fn is(&self, (manager, operation): Identity<'_>) -> bool {
        self.manager == manager && self.operation == operation
    }
}

/// All managers of one object, in stored order.
#[derive(Debug)]
pub(super) struct Managers(Vec<Entry>);

impl Managers {
    pub(super) fn read(object: &Value) -> Self {
        let entries = list(object, "/metadata/managedFields").iter().map(|entry| {
            let text = |pointer| str_at(entry, pointer).unwrap_or("").to_owned();
            let applies = entry["operation"] == "Apply";
            Entry {
                manager: text("/manager"),
                operation: if applies { Operation::Apply } else { Operation::Update },
                api_version: text("/apiVersion"),
                time: text("/time"),
                fields: Fields::read(&entry["fieldsV1"]),
            }
        });
        Self(entries.collect())
    }

    pub(super) fn write(&self, object: &mut Value) {
        let entries: Vec<Value> = self
            .0
            .iter()
            .filter(|entry| !entry.fields.is_empty())
            .map(|entry| {
                json!({
                    "manager": entry.manager, "operation": entry.operation.text(),
                    "apiVersion": entry.api_version, "time": entry.time,
                    "fieldsType": "FieldsV1", "fieldsV1": entry.fields.tree(),
                })
            })
            .collect();
        metadata(object).insert("managedFields".to_owned(), json!(entries));
    }

    /// Fields of all others that `picks` picks, with their owners.
    pub(super) fn disputed(
        &self,
        own: Identity<'_>,
        picks: impl Fn(&Field) -> bool,
    ) -> Vec<(String, Field)> {
        let others = self.0.iter().filter(|entry| !entry.is(own));
        let fields = others.flat_map(|entry| {
            entry.fields.iter().map(|field| (entry.manager.clone(), field.clone()))
        });
        fields.filter(|(_, field)| picks(field)).collect()
    }

    /// Takes a field from a manager.
    pub(super) fn drop_field(&mut self, manager: &str, field: &Field) {
        for entry in self.0.iter_mut().filter(|entry| entry.manager == manager) {
            entry.fields.remove(field);
        }
    }

    /// Fields of one manager.
    pub(super) fn fields(&self, own: Identity<'_>) -> Fields {
        self.0.iter().find(|entry| entry.is(own)).map(|e| e.fields.clone()).unwrap_or_default()
    }

    /// Whether anybody owns the field or something below it.
    pub(super) fn owned(&self, field: &Field) -> bool {
        self.0.iter().any(|entry| entry.fields.covers(field))
    }

    /// Gives a manager exactly these fields; returns those it had. An unchanged set keeps its time.
    pub(super) fn replace(
        &mut self,
        own: Identity<'_>,
        fields: Fields,
        api_version: &str,
        now: &str,
    ) -> Fields {
        match self.0.iter_mut().find(|entry| entry.is(own)) {
            Some(entry) if entry.fields == fields => fields,
            Some(entry) => {
                entry.time = now.to_owned();
                std::mem::replace(&mut entry.fields, fields)
            }
            None => {
                self.0.push(Entry {
                    manager: own.0.to_owned(),
                    operation: own.1,
                    api_version: api_version.to_owned(),
                    time: now.to_owned(),
                    fields,
                });
                Fields::default()
            }
        }
    }
}
