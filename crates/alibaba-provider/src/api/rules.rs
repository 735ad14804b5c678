//! Validation rules the API server evaluates.
//!
//! Rules about one term or disk stand on the item, so that the server names it in the error. Every string a rule
//! reads has a bound, which keeps the estimated cost of the whole definition small.
//!
//! Source: Kubernetes API, validation rules.

use serde_json::{Value, json};

pub(super) mod kubelet;

fn rule(rule: &str, message: &str) -> Value {
    json!({ "rule": rule, "message": message })
}

pub(super) fn v_switch_term() -> Value {
    json!([
        rule(
            "has(self.id) || (has(self.tags) && self.tags.size() > 0) || has(self.zoneID)",
            "expected at least one of id, tags or zoneID",
        ),
        rule(
            "!has(self.id) || (!has(self.tags) && !has(self.zoneID))",
            "id is mutually exclusive with tags and zoneID",
        ),
    ])
}

pub(super) fn security_group_term() -> Value {
    json!([
        rule(
            "has(self.id) || (has(self.tags) && self.tags.size() > 0) || has(self.name)",
            "expected at least one of id, tags or name",
        ),
        rule(
            "!has(self.id) || (!has(self.tags) && !has(self.name))",
            "id is mutually exclusive with tags and name",
        ),
    ])
}

pub(super) fn capacity_reservation_term() -> Value {
    json!([
        rule(
            "has(self.id) || (has(self.tags) && self.tags.size() > 0)",
            "expected at least one of id or tags",
        ),
        rule("!has(self.id) || !has(self.tags)", "id is mutually exclusive with tags"),
    ])
}

pub(super) fn image_term() -> Value {
    json!([
        rule(
            "has(self.alias) || has(self.id) || has(self.imageFamily) || has(self.name) || \
             (has(self.tags) && self.tags.size() > 0)",
            "expected at least one of alias, id, imageFamily, name or tags",
        ),
        rule(
            "!has(self.alias) || (!has(self.id) && !has(self.imageFamily) && !has(self.name) && \
             !has(self.imageOwnerAlias) && !has(self.imageOwnerID) && !has(self.tags))",
            "alias is mutually exclusive with all other fields of the term",
        ),
        rule(
            "!has(self.id) || (!has(self.imageFamily) && !has(self.name) && \
             !has(self.imageOwnerAlias) && !has(self.imageOwnerID) && !has(self.tags))",
            "id is mutually exclusive with all other fields of the term",
        ),
    ])
}

pub(super) fn image_alias() -> Value {
    json!([rule(
        "self.split('@')[0] in ['AlibabaCloudLinux3', 'ContainerOS']",
        "family of the alias must be AlibabaCloudLinux3 or ContainerOS",
    )])
}

/// Rules of both kinds of disk.
pub(super) fn disk() -> Value {
    json!([
        rule(
            "!has(self.category) || !has(self.categories)",
            "category and categories are mutually exclusive",
        ),
        rule(
            "!has(self.categories) || self.categories.all(x, self.categories.exists_one(y, x == y))",
            "categories must be unique",
        ),
        rule(
            "!has(self.kmsKeyID) || !has(self.encrypted) || self.encrypted",
            "kmsKeyID needs encrypted not to be false",
        ),
        rule(
            "(!has(self.provisionedIOPS) && !has(self.burstingEnabled)) || \
             (has(self.category) && self.category == 'cloud_auto') || \
             (has(self.categories) && 'cloud_auto' in self.categories)",
            "provisionedIOPS and burstingEnabled need cloud_auto among the categories",
        ),
    ])
}

/// Rules that relate fields of the spec.
pub(super) fn spec() -> Value {
    json!([
        rule(
            "!has(self.spotStrategy) || self.spotStrategy != 'SpotWithPriceLimit' || \
             has(self.spotPriceLimit) || has(self.spotPriceLimitPercent)",
            "spotStrategy SpotWithPriceLimit needs spotPriceLimit or spotPriceLimitPercent",
        ),
        rule(
            "!has(self.spotPriceLimitPercent) || (!has(self.spotPriceLimit) && \
             has(self.spotStrategy) && self.spotStrategy == 'SpotWithPriceLimit')",
            "spotPriceLimitPercent needs spotStrategy SpotWithPriceLimit and excludes spotPriceLimit",
        ),
        rule(
            "!has(self.passwordInherit) || !self.passwordInherit || \
             (!has(self.password) && !has(self.passwordSecretRef))",
            "password cannot be set when passwordInherit is true",
        ),
        rule(
            "!has(self.password) || !has(self.passwordSecretRef)",
            "password and passwordSecretRef are mutually exclusive",
        ),
        rule(
            "!has(self.bootstrapMode) || self.bootstrapMode != 'Custom' || has(self.userData)",
            "bootstrapMode Custom needs userData",
        ),
        rule(
            "!has(self.launchTemplateVersion) || has(self.launchTemplateID)",
            "launchTemplateVersion needs launchTemplateID",
        ),
    ])
}

/// No empty key in a selector's tags.
pub(super) fn selector_tags() -> Value {
    json!([rule("self.all(k, k != '')", "empty tag keys aren't supported")])
}

/// Keys and values the cloud refuses, and keys only we may set.
pub(super) fn tags() -> Value {
    json!([
        rule("self.all(k, k != '')", "empty tag keys aren't supported"),
        rule(
            "self.all(k, !k.startsWith('kubernetes.io/cluster') && !k.startsWith('acs:') && \
             !k.startsWith('aliyun') && !k.startsWith('ecs:ecs-cluster'))",
            "tag keys must not begin with kubernetes.io/cluster, acs:, aliyun or ecs:ecs-cluster",
        ),
        rule(
            "self.all(k, !(k in ['karpenter.sh/nodepool', 'karpenter.sh/nodeclaim', \
             'karpenter.sh/nodeclaim-uid', 'karpenter.sh/managed-by', 'karpenter.sh/cluster-id', \
             'karpenter.alibabacloud.com/ecsnodeclass', 'karpenter.k8s.alibabacloud/ecsnodeclass']))",
            "tag contains a restricted key",
        ),
        rule(
            "self.all(k, size(k) <= 128 && !k.contains('http://') && !k.contains('https://') && \
             !self[k].contains('http://') && !self[k].contains('https://'))",
            "tag keys have at most 128 characters, and neither keys nor values contain a URL",
        ),
    ])
}
