//! Instance types: the file format, the types that are built in, and what the engine sees of either.

pub mod file;
pub mod generic;
mod instance_type;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use karpenter_core::model::instance_type::{Catalog, InstanceType};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::requirement::Requirement;
use serde_json::Error as JsonError;

use self::file::InstanceTypeRow;
use crate::labels;

/// Instance types, and the labels they define.
#[derive(Debug, Clone)]
pub struct InstanceTypes {
    /// The types, in name order; every one defines every label in `well_known` that any of them defines.
    pub catalog: Catalog,
    /// Labels of the core, of this provider, and whatever else rows use as requirement.
    pub well_known: Arc<WellKnownLabels>,
}

/// Why rows are not a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The text is not a list of rows.
    #[error("{path}: {inner}")]
    Format {
        /// The member that cannot be read, as `[0].offerings[2].Price`; `.` is the text as a whole.
        path: String,
        /// What is wrong, and where in the text.
        inner: JsonError,
    },
    /// The list has no row.
    #[error("there is no instance type in it")]
    Empty,
    /// Two rows have one name.
    #[error("instance type {0}: is listed twice; names have to be unique")]
    Duplicate(String),
    /// A row has a member that makes no sense.
    #[error("instance type {name}: {field}: {message}")]
    Row {
        /// Name of the type.
        name: String,
        /// The member.
        field: String,
        /// What is wrong and how to mend it.
        message: String,
    },
}

impl InstanceTypes {
    /// The 144 types of [`generic`].
    pub fn generic() -> Self {
        Self::from_rows(&generic::rows()).expect("invariant: rows made by rule are a catalogue")
    }

    /// Reads a file in the format of [`file`](mod@file).
    ///
    /// # Errors
    /// The first thing that is wrong, with the member.
    pub fn read(text: &str) -> Result<Self, CatalogError> {
        Self::from_rows(&file::read(text)?)
    }

    /// What `rows` describe; every offering is in stock, whatever its row says.
    ///
    /// # Errors
    /// [`CatalogError::Empty`], [`CatalogError::Duplicate`], or [`CatalogError::Row`] of the first row that is wrong.
    ///
    /// Source: Karpenter behaviour, KWOK provider. Differs: a type without a label that others define says so, and
    /// an offering without zone or capacity type is refused.
    pub fn from_rows(rows: &[InstanceTypeRow]) -> Result<Self, CatalogError> {
        let types = rows.iter().map(instance_type::instance_type).collect::<Result<Vec<_>, _>>()?;
        if types.is_empty() {
            return Err(CatalogError::Empty);
        }
        let keys: BTreeSet<String> = types.iter().flat_map(keys_of).collect();
        let mut types: Vec<_> = types.into_iter().map(|it| complete(it, &keys)).collect();
        types.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = types.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(CatalogError::Duplicate(pair[0].name.to_string()));
        }
        let well_known = WellKnownLabels::core().with(labels::OF_INSTANCE_TYPES);
        Ok(Self {
            catalog: Catalog { generation: 1, types: types.into() },
            well_known: Arc::new(well_known.with(keys)),
        })
    }
}

fn keys_of(it: &InstanceType) -> impl Iterator<Item = String> {
    it.requirements.iter().map(|requirement| requirement.key().to_string())
}

/// The type with an entry for each of `keys`.
fn complete(mut it: InstanceType, keys: &BTreeSet<String>) -> Arc<InstanceType> {
    for key in keys.iter().filter(|key| !it.requirements.has(key)).cloned().collect::<Vec<_>>() {
        it.requirements.add(Requirement::does_not_exist(key));
    }
    Arc::new(it)
}
