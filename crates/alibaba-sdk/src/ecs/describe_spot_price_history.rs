//! DescribeSpotPriceHistory: spot prices of one type.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{action::rpc_action, lenient};

/// Asks for the spot prices of a type, per zone; the last 3 hours by default, 30 days at most.
///
/// Source: Alibaba action DescribeSpotPriceHistory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSpotPriceHistory {
    /// Type.
    pub instance_type: String,
    /// `vpc`.
    pub network_type: String,
    /// One zone; all when absent.
    pub zone_id: Option<String>,
    /// `optimized`.
    pub io_optimized: Option<String>,
    /// `linux`.
    #[serde(rename = "OSType")]
    pub os_type: Option<String>,
    /// Protected hours, 0 or 1.
    pub spot_duration: Option<u32>,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    pub start_time: Option<String>,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    pub end_time: Option<String>,
    /// First row; 0 by default.
    pub offset: Option<u64>,
}

/// One page of prices.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSpotPriceHistoryResponse {
    /// Id of the call.
    pub request_id: String,
    /// `CNY` or `USD`.
    pub currency: String,
    /// Offset of the next page; absent, or equal to the request's offset, at the end.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub next_offset: Option<u64>,
    /// Rows in no documented order.
    #[serde(deserialize_with = "lenient::list")]
    pub spot_prices: Vec<SpotPrice>,
}

/// The price of a type in a zone from an instant on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SpotPrice {
    /// Type.
    pub instance_type: String,
    /// Zone.
    pub zone_id: String,
    /// Spot price per hour.
    #[serde(deserialize_with = "lenient::number")]
    pub spot_price: f64,
    /// On-demand price per hour.
    #[serde(deserialize_with = "lenient::number")]
    pub origin_price: f64,
    /// Since when.
    #[serde(deserialize_with = "lenient::time")]
    pub timestamp: Option<DateTime<Utc>>,
}

rpc_action!(DescribeSpotPriceHistory => DescribeSpotPriceHistoryResponse, Ecs, "DescribeSpotPriceHistory");
