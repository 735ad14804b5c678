//! Objects as tables: the columns `kubectl get` prints.
//!
//! Built-in kinds have a [`Sheet`] each, custom kinds the columns of their definition, and what
//! has neither is shown with its name and time of creation.
//!
//! Source: Kubernetes API (receiving resources as Tables).

mod age;
mod cluster;
mod custom;
mod json_path;
mod pod;
mod storage;
#[cfg(test)]
mod tests;
mod text;
mod workload;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use self::custom::{PrinterColumn, printer_columns};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::meta_str;
use crate::store::Stored;
use crate::view::partial;

/// What a row carries beside its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Include {
    /// Cells only.
    Nothing,
    /// Type and metadata; the default.
    Metadata,
    /// The whole object.
    Object,
}

impl Include {
    /// Reads the parameter `includeObject`.
    ///
    /// # Errors
    /// `BadRequest` for an unknown value.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        match text {
            "None" => Ok(Self::Nothing),
            "" | "Metadata" => Ok(Self::Metadata),
            "Object" => Ok(Self::Object),
            other => {
                Err(ApiError::bad_request(format!("unrecognized includeObject value: {other:?}")))
            }
        }
    }
}

/// One column of a built-in kind.
struct Column {
    name: &'static str,
    /// `string`, `integer`, `boolean` or `date`.
    value_type: &'static str,
    /// Zero is always shown, one in wide output.
    priority: u8,
}

/// The columns of one built-in kind and how an object fills them.
struct Sheet {
    columns: &'static [Column],
    /// One cell per column, in the same order.
    cells: fn(&Value, Timestamp) -> Vec<Value>,
}

const fn text(name: &'static str) -> Column {
    Column { name, value_type: "string", priority: 0 }
}

const fn wide(name: &'static str) -> Column {
    Column { name, value_type: "string", priority: 1 }
}

const fn integer(name: &'static str) -> Column {
    Column { name, value_type: "integer", priority: 0 }
}

const fn boolean(name: &'static str) -> Column {
    Column { name, value_type: "boolean", priority: 0 }
}

/// The default table: name and time of creation.
const PLAIN: Sheet = Sheet {
    columns: &[text("Name"), Column { name: "Created At", value_type: "date", priority: 0 }],
    cells: |object, _| vec![name(object), json!(meta_str(object, "creationTimestamp"))],
};

/// The sheet of a built-in kind.
fn sheet(kind: &Kind) -> &'static Sheet {
    match kind.kind.as_str() {
        "Pod" => &pod::POD,
        "Node" => &cluster::NODE,
        "Namespace" => &cluster::NAMESPACE,
        "Event" => &cluster::EVENT,
        "Lease" => &cluster::LEASE,
        "Service" => &cluster::SERVICE,
        "ConfigMap" => &cluster::CONFIG_MAP,
        "Secret" => &cluster::SECRET,
        "ServiceAccount" => &cluster::SERVICE_ACCOUNT,
        "PriorityClass" => &cluster::PRIORITY_CLASS,
        "Deployment" => &workload::DEPLOYMENT,
        "ReplicaSet" | "ReplicationController" => &workload::REPLICA_SET,
        "StatefulSet" => &workload::STATEFUL_SET,
        "DaemonSet" => &workload::DAEMON_SET,
        "Job" => &workload::JOB,
        "CronJob" => &workload::CRON_JOB,
        "PodDisruptionBudget" => &workload::DISRUPTION_BUDGET,
        "HorizontalPodAutoscaler" => &workload::AUTOSCALER,
        "PersistentVolumeClaim" => &storage::CLAIM,
        "PersistentVolume" => &storage::VOLUME,
        "StorageClass" => &storage::CLASS,
        "CSINode" => &storage::CSI_NODE,
        "VolumeAttachment" => &storage::ATTACHMENT,
        _ => &PLAIN,
    }
}

/// The table of some objects of a kind as JSON text.
pub(crate) fn of(
    kind: &Kind,
    objects: &[Stored],
    metadata: &Value,
    include: Include,
    now: Timestamp,
) -> Bytes {
    let columns = if kind.schema.is_some() {
        custom::definitions(&kind.columns)
    } else {
        sheet(kind).columns.iter().map(definition).collect()
    };
    let rows: Vec<Value> =
        objects.iter().map(|stored| row(kind, &stored.object, include, now)).collect();
    let table = json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": columns, "rows": rows,
    });
    Bytes::from(table.to_string())
}

fn definition(column: &Column) -> Value {
    json!({
        "name": column.name, "type": column.value_type,
        "format": if column.name == "Name" { "name" } else { "" },
        "description": "", "priority": column.priority,
    })
}

fn row(kind: &Kind, object: &Value, include: Include, now: Timestamp) -> Value {
    let cells = if kind.schema.is_some() {
        custom::cells(&kind.columns, object, now)
    } else {
        (sheet(kind).cells)(object, now)
    };
    match include {
        Include::Nothing => json!({"cells": cells, "object": null}),
        Include::Metadata => json!({"cells": cells, "object": partial(object)}),
        Include::Object => json!({"cells": cells, "object": object}),
    }
}

fn name(object: &Value) -> Value {
    json!(meta_str(object, "name").unwrap_or(""))
}
