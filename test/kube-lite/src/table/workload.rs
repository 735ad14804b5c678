//! Columns of what owns, limits or scales pods.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{age, containers, count, or, scalar, selector};
use super::{Sheet, age as ages, boolean, integer, name, text, wide};
use crate::object::{condition, list, str_at};

const CONTAINERS: super::Column = wide("Containers");
const IMAGES: super::Column = wide("Images");
const SELECTOR: super::Column = wide("Selector");

pub(super) const DEPLOYMENT: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Up-to-date"),
        text("Available"),
        text("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: |object, now| {
        let cells = vec![
            name(object),
            ready_of_wanted(object),
            json!(count(object, "/status/updatedReplicas")),
            json!(count(object, "/status/availableReplicas")),
            age(object, now),
        ];
        with_template(object, cells, true)
    },
};

pub(super) const REPLICA_SET: Sheet = Sheet {
    columns: &[
        text("Name"),
        integer("Desired"),
        integer("Current"),
        integer("Ready"),
        text("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: |object, now| {
        let cells = vec![
            name(object),
            json!(count(object, "/spec/replicas")),
            json!(count(object, "/status/replicas")),
            json!(count(object, "/status/readyReplicas")),
            age(object, now),
        ];
        with_template(object, cells, true)
    },
};

pub(super) const STATEFUL_SET: Sheet = Sheet {
    columns: &[text("Name"), text("Ready"), text("Age"), CONTAINERS, IMAGES],
    cells: |object, now| {
        let cells = vec![name(object), ready_of_wanted(object), age(object, now)];
        with_template(object, cells, false)
    },
};

pub(super) const DAEMON_SET: Sheet = Sheet {
    columns: &[
        text("Name"),
        integer("Desired"),
        integer("Current"),
        integer("Ready"),
        integer("Up-to-date"),
        integer("Available"),
        text("Node Selector"),
        text("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: |object, now| {
        let cells = vec![
            name(object),
            json!(count(object, "/status/desiredNumberScheduled")),
            json!(count(object, "/status/currentNumberScheduled")),
            json!(count(object, "/status/numberReady")),
            json!(count(object, "/status/updatedNumberScheduled")),
            json!(count(object, "/status/numberAvailable")),
            selector(object.pointer("/spec/template/spec/nodeSelector")),
            age(object, now),
        ];
        with_template(object, cells, true)
    },
};

pub(super) const JOB: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Status"),
        text("Completions"),
        text("Duration"),
        text("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: |job, now| {
        let succeeded = count(job, "/status/succeeded");
        let completions = match job.pointer("/spec/completions") {
            Some(wanted) => format!("{succeeded}/{wanted}"),
            None => format!("{succeeded}/1 of {}", count(job, "/spec/parallelism")),
        };
        let cells = vec![
            name(job),
            json!(job_status(job)),
            json!(completions),
            json!(job_duration(job, now)),
            age(job, now),
        ];
        with_template(job, cells, true)
    },
};

pub(super) const CRON_JOB: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Schedule"),
        text("Timezone"),
        boolean("Suspend"),
        integer("Active"),
        text("Last Schedule"),
        text("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: |object, now| {
        let last = str_at(object, "/status/lastScheduleTime");
        let [names, images] = containers(object.pointer("/spec/jobTemplate/spec/template/spec"));
        vec![
            name(object),
            or(object, "/spec/schedule", ""),
            or(object, "/spec/timeZone", "<none>"),
            json!(object.pointer("/spec/suspend") == Some(&json!(true))),
            json!(list(object, "/status/active").len()),
            json!(last.map_or_else(|| "<none>".to_owned(), |last| ages::since(Some(last), now))),
            age(object, now),
            names,
            images,
            selector(object.pointer("/spec/jobTemplate/spec/selector")),
        ]
    },
};

pub(super) const DISRUPTION_BUDGET: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Min Available"),
        text("Max Unavailable"),
        integer("Allowed Disruptions"),
        text("Age"),
    ],
    cells: |object, now| {
        let bound = |pointer| json!(object.pointer(pointer).map_or("N/A".to_owned(), scalar));
        vec![
            name(object),
            bound("/spec/minAvailable"),
            bound("/spec/maxUnavailable"),
            json!(count(object, "/status/disruptionsAllowed")),
            age(object, now),
        ]
    },
};

pub(super) const AUTOSCALER: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Reference"),
        text("Targets"),
        text("MinPods"),
        integer("MaxPods"),
        integer("Replicas"),
        text("Age"),
    ],
    cells: |object, now| {
        let target = |member| str_at(object, member).unwrap_or("").to_owned();
        let least = object.pointer("/spec/minReplicas");
        vec![
            name(object),
            json!(format!(
                "{}/{}",
                target("/spec/scaleTargetRef/kind"),
                target("/spec/scaleTargetRef/name")
            )),
            json!(autoscaler_targets(object)),
            json!(least.map_or("<unset>".to_owned(), scalar)),
            json!(count(object, "/spec/maxReplicas")),
            json!(count(object, "/status/currentReplicas")),
            age(object, now),
        ]
    },
};

fn ready_of_wanted(object: &Value) -> Value {
    let (ready, wanted) = (count(object, "/status/readyReplicas"), count(object, "/spec/replicas"));
    json!(format!("{ready}/{wanted}"))
}

/// Adds the wide columns: containers, images and, for most kinds, the selector.
fn with_template(object: &Value, mut cells: Vec<Value>, selects: bool) -> Vec<Value> {
    cells.extend(containers(object.pointer("/spec/template/spec")));
    if selects {
        cells.push(selector(object.pointer("/spec/selector")));
    }
    cells
}

fn job_status(job: &Value) -> &'static str {
    let is = |kind| condition(job, kind) == Some("True");
    match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if crate::object::is_terminating(job) => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn job_duration(job: &Value, now: Timestamp) -> String {
    let Some(start) = str_at(job, "/status/startTime") else { return String::new() };
    let end = str_at(job, "/status/completionTime").and_then(|end| end.parse().ok());
    ages::since(Some(start), end.unwrap_or(now))
}

/// Resource targets as `resource: current/target`.
fn autoscaler_targets(object: &Value) -> String {
    let current = list(object, "/status/currentMetrics");
    let shown: Vec<String> = list(object, "/spec/metrics")
        .iter()
        .filter_map(|metric| {
            let resource = metric.pointer("/resource")?;
            let now = current.iter().find_map(|status| {
                let status = status.pointer("/resource").filter(|r| r["name"] == resource["name"]);
                status?.pointer("/current/averageUtilization")
            });
            let now = now.map_or("<unknown>".to_owned(), |percent| format!("{percent}%"));
            let wanted = resource.pointer("/target/averageUtilization")?;
            Some(format!("{}: {now}/{wanted}%", str_at(resource, "/name")?))
        })
        .collect();
    if shown.is_empty() { "<none>".to_owned() } else { shown.join(", ") }
}
