//! Asking the cloud for what selector terms match.

use alibaba_sdk::ecs::{self, DescribeSecurityGroups, EcsApi, SecurityGroup, TagFilter};
use alibaba_sdk::error::SdkError;
use alibaba_sdk::vpc::{self, DescribeVSwitches, VSwitch, VpcApi};

use super::select::Matches;
use crate::api::selectors::{
    SecurityGroupSelectorTerm, TagSelector, VSwitchSelectorTerm, is_placeholder,
};

/// Finds the vSwitches of all `terms`.
///
/// A placeholder id is noted without asking for it.
///
/// # Errors
/// The first call that failed; a partial answer is never returned.
///
/// Source: Alibaba action DescribeVSwitches.
pub async fn v_switches(
    api: &dyn VpcApi,
    terms: &[VSwitchSelectorTerm],
) -> Result<Matches<VSwitch>, SdkError> {
    let mut matches = Matches::default();
    for (position, term) in terms.iter().enumerate() {
        let name = format!("vSwitchSelectorTerms[{position}]");
        if let Some(id) = term.id.as_deref().filter(|id| is_placeholder(id)) {
            matches.unmatched.push(placeholder(&name, id));
            continue;
        }
        let request = DescribeVSwitches {
            v_switch_id: term.id.clone(),
            zone_id: term.zone_id.clone(),
            tag: tag_filters(term.tags.as_ref()),
            ..DescribeVSwitches::default()
        };
        let found = vpc::v_switches(api, &request).await?;
        if found.is_empty() {
            let named = [("id", term.id.as_deref()), ("zoneID", term.zone_id.as_deref())];
            matches.unmatched.push(no_match(&name, &named, term.tags.as_ref()));
        }
        matches.found.extend(found);
    }
    Ok(matches)
}

/// Finds the security groups of all `terms`.
///
/// # Errors
/// The first call that failed; a partial answer is never returned.
///
/// Source: Alibaba action DescribeSecurityGroups.
pub async fn security_groups(
    api: &dyn EcsApi,
    terms: &[SecurityGroupSelectorTerm],
) -> Result<Matches<SecurityGroup>, SdkError> {
    let mut matches = Matches::default();
    for (position, term) in terms.iter().enumerate() {
        let name = format!("securityGroupSelectorTerms[{position}]");
        if let Some(id) = term.id.as_deref().filter(|id| is_placeholder(id)) {
            matches.unmatched.push(placeholder(&name, id));
            continue;
        }
        let request = DescribeSecurityGroups {
            security_group_ids: term.id.iter().cloned().collect(),
            security_group_name: term.name.clone(),
            tag: tag_filters(term.tags.as_ref()),
            ..DescribeSecurityGroups::default()
        };
        let found = ecs::security_groups(api, &request).await?;
        if found.is_empty() {
            let named = [("id", term.id.as_deref()), ("name", term.name.as_deref())];
            matches.unmatched.push(no_match(&name, &named, term.tags.as_ref()));
        }
        matches.found.extend(found);
    }
    Ok(matches)
}

/// Filters for the tags of a term; the value `*` becomes a filter on the key alone.
pub fn tag_filters(tags: Option<&TagSelector>) -> Vec<TagFilter> {
    let filter = |(key, value): (&String, &String)| TagFilter {
        key: key.clone(),
        value: Some(value.clone()).filter(|value| value != "*"),
    };
    tags.into_iter().flatten().map(filter).collect()
}

/// The note for an id that can only come from documentation.
pub fn placeholder(term: &str, id: &str) -> String {
    format!("no match: {term} id {id} is a placeholder")
}

/// The note for a term that matched nothing: its name, then every field it sets with its value.
pub fn no_match(term: &str, named: &[(&str, Option<&str>)], tags: Option<&TagSelector>) -> String {
    let mut note = format!("no match: {term}");
    for (field, value) in named {
        if let Some(value) = value {
            note.push_str(&format!(" {field} {value}"));
        }
    }
    let tags: Vec<String> = tags.into_iter().flatten().map(|(k, v)| format!("{k}={v}")).collect();
    if !tags.is_empty() {
        note.push_str(&format!(" tags {}", tags.join(",")));
    }
    note
}
