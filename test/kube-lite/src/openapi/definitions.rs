//! Schemas of the built-in kinds and of everything they are made of, from their Rust types.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use k8s_openapi::Resource;
use k8s_openapi::api::{
    admissionregistration::v1 as admission, apps::v1 as apps, autoscaling::v2 as autoscaling,
    batch::v1 as batch, coordination::v1 as coordination, core::v1 as core,
    discovery::v1 as discovery, events::v1 as events, networking::v1 as networking,
    node::v1 as node, policy::v1 as policy, rbac::v1 as rbac, resource::v1beta2 as resource,
    scheduling::v1 as scheduling, storage::v1 as storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as extensions;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Where references between schemas point.
pub(crate) const REF: &str = "#/components/schemas/";

/// Name of the schema of `metadata`.
pub(crate) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// Group, version and kind.
type Gvk = [&'static str; 3];

/// All schemas by name, such as `io.k8s.api.core.v1.Pod`.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    schemas: BTreeMap<String, Value>,
    kinds: BTreeMap<Gvk, String>,
}

/// Adds one kind and what it refers to.
type Add = fn(&mut SchemaGenerator, &mut Definitions);

/// Kinds whose types are known. Source: Kubernetes API.
const KINDS: &[Add] = &[
    add::<core::Pod>,
    add::<core::Node>,
    add::<core::Namespace>,
    add::<core::Service>,
    add::<core::ConfigMap>,
    add::<core::Secret>,
    add::<core::Event>,
    add::<core::PersistentVolume>,
    add::<core::PersistentVolumeClaim>,
    add::<core::ServiceAccount>,
    add::<core::ReplicationController>,
    add::<core::Endpoints>,
    add::<core::LimitRange>,
    add::<core::PodTemplate>,
    add::<core::ResourceQuota>,
    add::<apps::Deployment>,
    add::<apps::ReplicaSet>,
    add::<apps::DaemonSet>,
    add::<apps::StatefulSet>,
    add::<apps::ControllerRevision>,
    add::<autoscaling::HorizontalPodAutoscaler>,
    add::<batch::Job>,
    add::<batch::CronJob>,
    add::<policy::PodDisruptionBudget>,
    add::<storage::StorageClass>,
    add::<storage::CSINode>,
    add::<storage::CSIDriver>,
    add::<storage::CSIStorageCapacity>,
    add::<storage::VolumeAttachment>,
    add::<scheduling::PriorityClass>,
    add::<coordination::Lease>,
    add::<events::Event>,
    add::<discovery::EndpointSlice>,
    add::<networking::Ingress>,
    add::<networking::IngressClass>,
    add::<networking::NetworkPolicy>,
    add::<node::RuntimeClass>,
    add::<rbac::Role>,
    add::<rbac::RoleBinding>,
    add::<rbac::ClusterRole>,
    add::<rbac::ClusterRoleBinding>,
    add::<admission::MutatingWebhookConfiguration>,
    add::<admission::ValidatingWebhookConfiguration>,
    add::<admission::ValidatingAdmissionPolicy>,
    add::<admission::ValidatingAdmissionPolicyBinding>,
    add::<extensions::CustomResourceDefinition>,
    add_as_v1::<resource::DeviceClass>,
    add_as_v1::<resource::ResourceClaim>,
    add_as_v1::<resource::ResourceClaimTemplate>,
    add_as_v1::<resource::ResourceSlice>,
];

impl Definitions {
    /// The schemas, made on first use.
    pub(crate) fn get() -> &'static Self {
        static ALL: OnceLock<Definitions> = OnceLock::new();
        ALL.get_or_init(Self::generate)
    }

    fn generate() -> Self {
        let settings = SchemaSettings::draft2020_12();
        let settings = settings.with(|s| s.definitions_path = "/components/schemas".into());
        let mut generator = SchemaGenerator::new(settings);
        let mut all = Self::default();
        for add in KINDS {
            add(&mut generator, &mut all);
        }
        for (name, mut schema) in generator.take_definitions(true) {
            wrap_references(&mut schema);
            all.schemas.insert(name, schema);
        }
        for ([group, version, kind], name) in &all.kinds {
            if let Some(schema) = all.schemas.get_mut(name) {
                schema["x-kubernetes-group-version-kind"] =
                    json!([{"group": group, "version": version, "kind": kind}]);
            }
        }
        all
    }

    /// The schema of a name.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.schemas.get(name)
    }

    /// Name of the schema of a kind.
    pub(crate) fn of_kind(&self, group: &str, version: &str, kind: &str) -> Option<&str> {
        let mut kinds = self.kinds.iter();
        kinds.find(|(gvk, _)| **gvk == [group, version, kind]).map(|(_, name)| name.as_str())
    }

    /// Names of the schemas of all kinds.
    pub(crate) fn kind_names(&self) -> impl Iterator<Item = &str> {
        self.kinds.values().map(String::as_str)
    }

    /// Copies the named schema and all it refers to.
    pub(crate) fn copy_into(&self, name: &str, copies: &mut Map<String, Value>) {
        let Some(schema) = self.schemas.get(name).filter(|_| !copies.contains_key(name)) else {
            return;
        };
        copies.insert(name.to_owned(), schema.clone());
        let mut names = Vec::new();
        references(schema, &mut names);
        for name in names {
            self.copy_into(name, copies);
        }
    }
}

fn add<T: JsonSchema + Resource>(generator: &mut SchemaGenerator, all: &mut Definitions) {
    let _: Schema = generator.subschema_for::<T>();
    all.kinds.insert([T::GROUP, T::VERSION, T::KIND], T::schema_name().into_owned());
}

/// Adds a kind whose fields are those of its version v1, which the Rust types do not have yet.
fn add_as_v1<T: JsonSchema + Resource>(generator: &mut SchemaGenerator, all: &mut Definitions) {
    let _: Schema = generator.subschema_for::<T>();
    all.kinds.insert([T::GROUP, "v1", T::KIND], T::schema_name().into_owned());
}

/// Names a schema refers to.
fn references<'a>(schema: &'a Value, names: &mut Vec<&'a str>) {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            names.extend(own.and_then(|target| target.strip_prefix(REF)));
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// OpenAPI 3.0 allows nothing beside `$ref`: a described reference becomes an `allOf` of one.
fn wrap_references(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(wrap_references);
            if members.len() > 1
                && members.get("$ref").is_some_and(Value::is_string)
                && let Some(target) = members.remove("$ref")
            {
                members.insert("allOf".to_owned(), json!([{"$ref": target}]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(wrap_references),
        _ => {}
    }
}
