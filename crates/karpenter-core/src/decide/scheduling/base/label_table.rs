//! Labels of many nodes by column: one per label key, with a number for each distinct value.
//!
//! Pods speak of few labels. Nodes that are alike in those few are found alike by comparing a few numbers.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::numbering::Numbering;
use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;

/// Stands for a label that a row does not have.
const ABSENT: u32 = u32::MAX;

/// What a row says of some labels, as numbers.
pub(in super::super) type Signature = SmallVec<[u32; 8]>;

/// Rows of labels.
#[derive(Debug, Default)]
pub(in super::super) struct LabelTable {
    columns: BTreeMap<LabelKey, Column>,
    n_rows: usize,
    free: Vec<usize>,
}

#[derive(Debug, Default)]
struct Column {
    said: Numbering<Requirement>,
    of_row: Vec<u32>,
}

/// Some columns of a table.
#[derive(Debug)]
pub(in super::super) struct Columns<'t>(Vec<&'t Column>);

impl LabelTable {
    /// Adds a row that says `labels`; returns its number.
    pub(super) fn add(&mut self, labels: &Requirements) -> usize {
        let row = self.free.pop().unwrap_or_else(|| {
            self.n_rows += 1;
            self.n_rows - 1
        });
        for label in labels.iter() {
            let column = match self.columns.get_mut(label.key()) {
                Some(column) => column,
                None => self.columns.entry(label.key().clone()).or_default(),
            };
            let value = u32::try_from(column.said.number(label)).unwrap_or(ABSENT);
            if column.of_row.len() <= row {
                column.of_row.resize(row + 1, ABSENT);
            }
            column.of_row[row] = value;
        }
        row
    }

    /// Drops a row; its number is given to another.
    pub(super) fn remove(&mut self, row: usize) {
        for column in self.columns.values_mut() {
            if let Some(value) = column.of_row.get_mut(row) {
                *value = ABSENT;
            }
        }
        self.free.push(row);
    }

    /// The columns of `keys`, as far as any row says anything of them.
    pub(in super::super) fn columns<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Columns<'_> {
        Columns(keys.filter_map(|key| self.columns.get(key)).collect())
    }

    /// Distinct things that `rows` say of `key`.
    pub(in super::super) fn said_of(
        &self,
        key: &LabelKey,
        rows: impl Iterator<Item = usize>,
    ) -> Vec<&Requirement> {
        let Some(column) = self.columns.get(key) else { return vec![] };
        let mut is_said = vec![false; column.said.len()];
        for row in rows {
            if let Some(value) = column.value(row) {
                is_said[value] = true;
            }
        }
        let said = is_said.iter().enumerate().filter(|(_, is_said)| **is_said);
        said.map(|(value, _)| column.said.get(value)).collect()
    }

    /// The largest number of distinct values in a column.
    pub(super) fn most_values(&self) -> usize {
        self.columns.values().map(|column| column.said.len()).max().unwrap_or_default()
    }
}

impl Column {
    fn value(&self, row: usize) -> Option<usize> {
        let value = *self.of_row.get(row).filter(|value| **value != ABSENT)?;
        usize::try_from(value).ok()
    }
}

impl Columns<'_> {
    /// What a row says; equal signatures say the same.
    pub(in super::super) fn signature(&self, row: usize) -> Signature {
        self.0.iter().map(|column| column.of_row.get(row).copied().unwrap_or(ABSENT)).collect()
    }

    /// What a row says, as requirements.
    pub(in super::super) fn requirements(&self, row: usize) -> Requirements {
        let said = self.0.iter().filter_map(|column| Some(column.said.get(column.value(row)?)));
        said.cloned().collect()
    }
}
