//! DescribePrice: the price of one configuration.

use serde::{Deserialize, Serialize};

use super::{DataDisk, SystemDisk};
use crate::{action::rpc_action, lenient};

/// Asks for a price. Fails with kind `NoPrice` when the combination is not sold.
///
/// Source: Alibaba action DescribePrice.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribePrice {
    /// `instance`.
    pub resource_type: Option<String>,
    /// Type to price.
    pub instance_type: Option<String>,
    /// `Hour`, `Month`, `Year`.
    pub price_unit: Option<String>,
    /// Number of units.
    pub period: Option<u32>,
    /// Number of instances, 1 to 1000.
    pub amount: Option<u32>,
    /// Image, for licence fees.
    pub image_id: Option<String>,
    /// `vpc`.
    pub instance_network_type: Option<String>,
    /// `optimized`.
    pub io_optimized: Option<String>,
    /// As in RunInstances.
    pub spot_strategy: Option<String>,
    /// Protected hours, 0 or 1.
    pub spot_duration: Option<u32>,
    /// Zone, for spot prices.
    pub zone_id: Option<String>,
    /// System disk to price.
    pub system_disk: Option<SystemDisk>,
    /// Data disks to price.
    pub data_disk: Vec<DataDisk>,
}

/// A price.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribePriceResponse {
    /// Id of the call.
    pub request_id: String,
    /// The price and its rules.
    pub price_info: PriceInfo,
}

/// The price and its rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PriceInfo {
    /// The price.
    pub price: Price,
}

/// A price in `currency`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Price {
    /// `CNY` (China site) or `USD` (international).
    pub currency: String,
    /// List price.
    #[serde(deserialize_with = "lenient::number")]
    pub original_price: f64,
    /// Reduction.
    #[serde(deserialize_with = "lenient::number")]
    pub discount_price: f64,
    /// What is paid.
    #[serde(deserialize_with = "lenient::number")]
    pub trade_price: f64,
    /// Parts of the price; may be empty.
    #[serde(deserialize_with = "lenient::list")]
    pub detail_infos: Vec<PriceDetail>,
}

/// One part of a price.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PriceDetail {
    /// `instanceType`, `systemDisk`, ….
    pub resource: String,
    /// List price.
    #[serde(deserialize_with = "lenient::number")]
    pub original_price: f64,
    /// Reduction.
    #[serde(deserialize_with = "lenient::number")]
    pub discount_price: f64,
    /// What is paid.
    #[serde(deserialize_with = "lenient::number")]
    pub trade_price: f64,
}

rpc_action!(DescribePrice => DescribePriceResponse, Ecs, "DescribePrice");
