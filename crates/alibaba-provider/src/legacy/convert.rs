//! An older spec in our kind: the same instances, said in our fields.

#[cfg(test)]
mod tests;

use super::node_class::{LegacyDataDisk, LegacySpec, LegacySystemDisk, LegacyTerm};
use crate::api::bootstrap::{BootstrapMode, UserDataPolicy};
use crate::api::disks::{DataDisk, DiskCategory, SystemDisk};
use crate::api::node_class::ECSNodeClassSpec;
use crate::api::selectors::{ImageSelectorTerm, SecurityGroupSelectorTerm, VSwitchSelectorTerm};

/// Categories that provider tries for a disk that names none, in its order.
const CATEGORIES: [DiskCategory; 6] = [
    DiskCategory::Cloud,
    DiskCategory::CloudEfficiency,
    DiskCategory::CloudSsd,
    DiskCategory::CloudEssd,
    DiskCategory::CloudAuto,
    DiskCategory::CloudEssdEntry,
];
/// Size it gives a system disk that names none, GiB.
const SYSTEM_DISK_GIB: i32 = 20;

/// A spec in our kind, and what a person should know about the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The spec.
    pub spec: ECSNodeClassSpec,
    /// What was left out or means something else, with the field.
    pub warnings: Vec<String>,
}

/// `old` in our kind. The cluster stays that of the controller's settings.
pub fn convert(old: &LegacySpec) -> Converted {
    let mut warnings = vec![];
    let spec = ECSNodeClassSpec {
        bootstrap_mode: Some(BootstrapMode::Ack),
        v_switch_selector_terms: each(&old.v_switch_selector_terms, |at, term| {
            v_switch_term(at, term, &mut warnings)
        }),
        v_switch_selection_policy: old.v_switch_selection_policy,
        security_group_selector_terms: each(&old.security_group_selector_terms, |at, term| {
            security_group_term(at, term, &mut warnings)
        }),
        image_selector_terms: each(&old.image_selector_terms, |_, term| image_term(term)),
        system_disk: Some(system_disk(old.system_disk.as_ref())),
        data_disks: data_disks(old, &mut warnings),
        data_disk_categories: old.data_disk_categories.clone(),
        format_data_disk: old.format_data_disk.then_some(true),
        user_data: old.user_data.clone(),
        user_data_policy: old.user_data.as_ref().map(|_| UserDataPolicy::Merge),
        tags: old.tags.clone(),
        resource_group_id: old.resource_group_id.clone(),
        key_pair_name: old.key_pair_name.clone(),
        password: old.password.clone(),
        password_inherit: old.password_inherit.then_some(true),
        kubelet: old.kubelet_configuration.clone(),
        ..ECSNodeClassSpec::default()
    };
    if old.password.is_some() {
        warnings.push("password: move it into a Secret and name that in passwordSecretRef".into());
    }
    Converted { spec, warnings }
}

fn each<T>(terms: &[LegacyTerm], mut one: impl FnMut(usize, &LegacyTerm) -> T) -> Vec<T> {
    terms.iter().enumerate().map(|(at, term)| one(at, term)).collect()
}

fn v_switch_term(at: usize, term: &LegacyTerm, warnings: &mut Vec<String>) -> VSwitchSelectorTerm {
    if term.id.is_some() && term.tags.is_some() {
        warnings.push(format!(
            "vSwitchSelectorTerms[{at}]: keeps id alone; a vSwitch without the tags was not selected before"
        ));
    }
    VSwitchSelectorTerm {
        tags: term.tags.clone().filter(|_| term.id.is_none()),
        id: term.id.clone(),
        zone_id: None,
    }
}

/// The first of id, name and tags decides, as it did before.
fn security_group_term(
    at: usize,
    term: &LegacyTerm,
    warnings: &mut Vec<String>,
) -> SecurityGroupSelectorTerm {
    let given = [term.id.is_some(), term.name.is_some(), term.tags.is_some()];
    if given.into_iter().filter(|is_given| *is_given).count() > 1 {
        warnings.push(format!(
            "securityGroupSelectorTerms[{at}]: keeps the first of id, name and tags, which alone decided before"
        ));
    }
    let name = term.name.clone().filter(|_| term.id.is_none());
    let tags = term.tags.clone().filter(|_| term.id.is_none() && name.is_none());
    SecurityGroupSelectorTerm { id: term.id.clone(), tags, name }
}

/// A family without version means the latest.
fn image_term(term: &LegacyTerm) -> ImageSelectorTerm {
    let versioned = |alias: &String| {
        if alias.contains('@') { alias.clone() } else { format!("{alias}@latest") }
    };
    ImageSelectorTerm {
        alias: term.alias.as_ref().map(versioned),
        id: term.id.clone().filter(|_| term.alias.is_none()),
        ..ImageSelectorTerm::default()
    }
}

/// The defaults of that provider are written out, because ours are others.
fn system_disk(old: Option<&LegacySystemDisk>) -> SystemDisk {
    let old = old.cloned().unwrap_or_default();
    let size = match (&old.volume_size, old.size) {
        // Its controller writes the text after the number, so the text is what counts.
        (Some(_), _) => None,
        (None, size) => Some(size.unwrap_or(SYSTEM_DISK_GIB)),
    };
    let categories = old.categories.filter(|listed| !listed.is_empty());
    SystemDisk {
        categories: Some(categories.unwrap_or_else(|| CATEGORIES.to_vec())),
        size,
        volume_size: old.volume_size,
        performance_level: old.performance_level,
        ..SystemDisk::default()
    }
}

fn data_disks(old: &LegacySpec, warnings: &mut Vec<String>) -> Option<Vec<DataDisk>> {
    let disks = old.data_disks.as_ref().filter(|disks| !disks.is_empty())?;
    if old.data_disk_categories.as_ref().is_none_or(Vec::is_empty) {
        warnings.push("dataDisks: left out, without dataDiskCategories they had no effect".into());
        return None;
    }
    let disk = |disk: &LegacyDataDisk| DataDisk {
        volume_size: disk.volume_size.clone(),
        device: disk.device.clone(),
        ..DataDisk::default()
    };
    Some(disks.iter().map(disk).collect())
}
