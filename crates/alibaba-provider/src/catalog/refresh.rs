//! Reading the tables of the region.
//!
//! Every function replaces one table, or leaves it as it was and says why.

use std::time::Duration;

use alibaba_sdk::ecs::{
    self, DescribeAvailableResource, DescribeInstanceTypes, DescribePrice,
    DescribeSpotPriceHistory, DescribeZones, SystemDisk,
};
use alibaba_sdk::error::{ErrorKind, SdkError};
use jiff::Timestamp;
use karpenter_core::effects::step::Outcome;

use super::prices::quoted;
use super::stock::{Stock, StockTable};
use crate::cluster;
use crate::errors;
use crate::provider::AlibabaProvider;

/// How long prices are not asked for after a permission was missing.
pub const DENIED_PAUSE: Duration = Duration::from_secs(10 * 60);

/// `SpotStrategy` of what is bought by use.
const ON_DEMAND: &str = "NoSpot";
/// `SpotStrategy` of what is bought as spot.
const SPOT: &str = "SpotAsPriceGo";

/// Reads what the cluster says about itself.
///
/// # Errors
/// That of the call; the market keeps it for the conditions of node classes.
pub async fn cluster(provider: &AlibabaProvider, now: Timestamp) -> Result<Outcome, SdkError> {
    let parts = &provider.parts;
    match cluster::discover(&*parts.cs, &parts.options.cluster_id).await {
        Ok(facts) => {
            provider.market.set_cluster(facts, now);
            Ok(Outcome::Done)
        }
        Err(error) => {
            provider.market.set_cluster_problem(errors::describe(&error));
            Err(error)
        }
    }
}

/// Reads the type catalogue, all pages as one change.
///
/// # Errors
/// That of the call.
pub async fn types(provider: &AlibabaProvider, now: Timestamp) -> Result<Outcome, SdkError> {
    let rows = ecs::instance_types(&*provider.parts.ecs, &DescribeInstanceTypes::default()).await?;
    provider.market.set_types(rows, now);
    Ok(Outcome::Done)
}

/// Reads both stock tables; a failure of spot alone keeps the previous spot table.
///
/// # Errors
/// That of the on-demand call.
///
/// Source: Alibaba action DescribeAvailableResource.
pub async fn stock(provider: &AlibabaProvider, now: Timestamp) -> Result<Outcome, SdkError> {
    let previous = provider.market.view().stock;
    let on_demand = match stock_of(provider, ON_DEMAND).await {
        Ok(table) => table,
        Err(error) if is_denied(&error) => {
            tracing::warn!(error = errors::describe(&error), "stock is taken from the zones");
            let zones = provider.parts.ecs.describe_zones(&DescribeZones::default()).await?;
            StockTable::from_zones(&zones.zones)
        }
        Err(error) => return Err(error),
    };
    let spot = stock_of(provider, SPOT).await.unwrap_or_else(|error| {
        tracing::warn!(error = errors::describe(&error), "spot stock is kept as it was");
        previous.spot.clone()
    });
    provider.market.set_stock(Stock { on_demand, spot }, now);
    Ok(Outcome::Done)
}

async fn stock_of(provider: &AlibabaProvider, spot_strategy: &str) -> Result<StockTable, SdkError> {
    let request = DescribeAvailableResource {
        destination_resource: "InstanceType".to_owned(),
        io_optimized: Some("optimized".to_owned()),
        network_category: Some("vpc".to_owned()),
        instance_charge_type: Some("PostPaid".to_owned()),
        spot_strategy: Some(spot_strategy.to_owned()),
        spot_duration: (spot_strategy == SPOT).then_some(0),
        ..DescribeAvailableResource::default()
    };
    let answer = provider.parts.ecs.describe_available_resource(&request).await?;
    Ok(StockTable::from_available(&answer))
}

/// Reads the on-demand price of a type.
///
/// # Errors
/// That of the call; a type without a price is not asked about again before the next refresh.
///
/// Source: Alibaba action DescribePrice.
pub async fn price(
    provider: &AlibabaProvider,
    name: &str,
    now: Timestamp,
) -> Result<Outcome, SdkError> {
    let request = DescribePrice {
        resource_type: Some("instance".to_owned()),
        instance_type: Some(name.to_owned()),
        price_unit: Some("Hour".to_owned()),
        period: Some(1),
        amount: Some(1),
        instance_network_type: Some("vpc".to_owned()),
        io_optimized: Some("optimized".to_owned()),
        system_disk: Some(SystemDisk {
            category: Some("cloud_essd".to_owned()),
            size: Some(40),
            performance_level: Some("PL0".to_owned()),
            ..SystemDisk::default()
        }),
        ..DescribePrice::default()
    };
    let answer = match provider.parts.ecs.describe_price(&request).await {
        Ok(answer) => quoted(&answer),
        Err(error) if is_without_price(&error) => None,
        Err(error) => return Err(pause_if_denied(provider, error, now)),
    };
    let cpu = provider.market.view().types.get(name).map_or(0, |row| row.cpu_core_count);
    match answer {
        Some(quoted) => {
            provider.market.edit_prices(|p| p.learn_on_demand(name, cpu, &quoted, now));
            Ok(Outcome::Done)
        }
        None => Ok(Outcome::After(provider.parts.options.price_refresh)),
    }
}

/// Reads the spot prices of a type in all zones.
///
/// # Errors
/// That of the call.
///
/// Source: Alibaba action DescribeSpotPriceHistory.
pub async fn spot_price(
    provider: &AlibabaProvider,
    name: &str,
    now: Timestamp,
) -> Result<Outcome, SdkError> {
    let request = DescribeSpotPriceHistory {
        instance_type: name.to_owned(),
        network_type: "vpc".to_owned(),
        io_optimized: Some("optimized".to_owned()),
        os_type: Some("linux".to_owned()),
        spot_duration: Some(0),
        ..DescribeSpotPriceHistory::default()
    };
    match ecs::spot_prices(&*provider.parts.ecs, &request).await {
        Ok(rows) => {
            provider.market.edit_prices(|prices| prices.learn_spot(name, "", &rows, now));
            Ok(Outcome::Done)
        }
        Err(error) if is_denied(&error) || is_without_price(&error) => {
            tracing::debug!(error = errors::describe(&error), "spot prices stay unknown");
            Ok(Outcome::After(provider.parts.options.price_refresh))
        }
        Err(error) => Err(error),
    }
}

fn pause_if_denied(provider: &AlibabaProvider, error: SdkError, now: Timestamp) -> SdkError {
    if is_denied(&error) {
        provider.market.pause_prices(now + DENIED_PAUSE);
    }
    error
}

fn is_denied(error: &SdkError) -> bool {
    matches!(error.kind, ErrorKind::Auth | ErrorKind::UnsupportedAction)
}

fn is_without_price(error: &SdkError) -> bool {
    matches!(
        error.kind,
        ErrorKind::NoPrice | ErrorKind::Parameter | ErrorKind::TypeOffline | ErrorKind::NotSold
    )
}
