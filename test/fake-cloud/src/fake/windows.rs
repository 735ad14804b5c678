//! What the control API shows: instances, calls, stock, prices, faults, the script.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    lever::LEVERS,
    reply::{Refusal, json_response, query},
};
use crate::{CallRecord, FakeCloud, Market};

/// Most calls in one answer.
const MAX_CALLS: usize = 1000;

/// The windows: path and what it shows.
pub(crate) static WINDOWS: [(&str, &str); 9] = [
    ("/__fake/", "this list"),
    ("/__fake/machines", "instances as machines to boot; waits for a version other than ?version="),
    ("/__fake/instances", "all instances in the order of their creation"),
    ("/__fake/instances/{id}", "one instance"),
    ("/__fake/calls", "the latest calls, oldest first; ?action=…&limit=…"),
    ("/__fake/counts", "number of calls by action"),
    ("/__fake/stock", "stock by market, zone and type; ?zone=…&instanceType=…"),
    ("/__fake/prices", "prices per hour, on demand and spot by zone; ?instanceType=…"),
    ("/__fake/faults", "planned faults, rate limits and denied actions"),
];

fn ok<T: Serialize>(body: &T) -> Response {
    json_response(StatusCode::OK, body)
}

/// `GET /__fake/`.
pub(crate) async fn index() -> Response {
    let mut rows: Vec<Value> = WINDOWS
        .iter()
        .map(|(path, does)| json!({"method": "GET", "path": path, "does": does}))
        .collect();
    rows.extend(
        super::OTHER
            .iter()
            .map(|(method, path, does)| json!({"method": method, "path": path, "does": does})),
    );
    rows.extend(LEVERS.iter().map(|lever| {
        let example: Value = serde_json::from_str(lever.example).unwrap_or_default();
        let path = format!("/__fake/{}", lever.name);
        json!({"method": "POST", "path": path, "does": lever.does, "example": example})
    }));
    ok(&json!({"endpoints": rows}))
}

/// `GET /__fake/instances`.
pub(crate) async fn instances(State(cloud): State<FakeCloud>) -> Response {
    ok(&json!({"instances": cloud.instances()}))
}

/// `GET /__fake/instances/{id}`.
pub(crate) async fn instance(
    State(cloud): State<FakeCloud>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let found = cloud.instance(&id);
    found
        .map(|instance| ok(&instance))
        .ok_or_else(|| Refusal::missing("id", &id, "GET /__fake/instances lists them"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CallsQuery {
    action: Option<String>,
    limit: Option<String>,
}

/// `GET /__fake/calls`: the newest `limit` calls (1000 at most), oldest of them first.
pub(crate) async fn calls(
    State(cloud): State<FakeCloud>,
    text: RawQuery,
) -> Result<Response, Refusal> {
    let asked: CallsQuery = query(text)?;
    let limit = match asked.limit.as_deref().map(str::parse::<usize>) {
        None => MAX_CALLS,
        Some(Ok(n)) if n <= MAX_CALLS => n,
        Some(_) => return Err(Refusal::bad("limit", "a number of 0 to 1000 is needed")),
    };
    let calls: Vec<CallRecord> = match &asked.action {
        Some(action) => cloud.calls_of(action),
        None => cloud.calls(),
    };
    Ok(ok(&json!({"calls": calls[calls.len().saturating_sub(limit)..]})))
}

/// `GET /__fake/counts`.
pub(crate) async fn counts(State(cloud): State<FakeCloud>) -> Response {
    ok(&json!({"counts": cloud.counts()}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct MarketQuery {
    zone: Option<String>,
    instance_type: Option<String>,
}

impl MarketQuery {
    fn wants(&self, zone: &str, instance_type: &str) -> bool {
        self.zone.as_ref().is_none_or(|wanted| wanted == zone)
            && self.instance_type.as_ref().is_none_or(|wanted| wanted == instance_type)
    }
}

/// `GET /__fake/stock`.
pub(crate) async fn stock(
    State(cloud): State<FakeCloud>,
    text: RawQuery,
) -> Result<Response, Refusal> {
    let asked: MarketQuery = query(text)?;
    let rows = cloud.look(|state, _| {
        let mut rows: Vec<Value> = Vec::new();
        for market in [Market::OnDemand, Market::Spot, Market::Subscription] {
            for zone in &state.world.zones {
                let of_zone = state.world.stock.zone(market, zone).into_iter();
                let wanted = of_zone.filter(|(of, _)| asked.wants(zone, of));
                rows.extend(wanted.map(|(of, stock)| {
                    json!({"market": market, "zone": zone, "instanceType": of, "stock": stock})
                }));
            }
        }
        rows
    });
    Ok(ok(&json!({"stock": rows})))
}

/// `GET /__fake/prices`; spot prices are those of now.
pub(crate) async fn prices(
    State(cloud): State<FakeCloud>,
    text: RawQuery,
) -> Result<Response, Refusal> {
    let asked: MarketQuery = query(text)?;
    let rows = cloud.look(|state, now| {
        let world = &state.world;
        let mut rows: Vec<Value> = Vec::new();
        for of in world.types.keys() {
            for zone in world.zones.iter().filter(|zone| asked.wants(zone, of)) {
                rows.push(json!({
                    "instanceType": of, "zone": zone, "onDemand": world.prices.on_demand(of),
                    "spot": world.prices.spot(of, zone, now),
                }));
            }
        }
        rows
    });
    Ok(ok(&json!({"prices": rows})))
}

/// `GET /__fake/faults`.
pub(crate) async fn faults(State(cloud): State<FakeCloud>) -> Response {
    ok(&cloud.look(|state, _| {
        json!({
            "faults": state.faults, "throttles": state.throttles,
            "denied": state.world.account.denied,
        })
    }))
}
