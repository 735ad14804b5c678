//! Elastic Compute Service, version 2014-05-26: the actions the provider uses.
//!
//! Requests hold every parameter but `RegionId`, which the client adds. Optional parameters that are `None`, and
//! empty lists, are not sent. Responses hold the documented fields that are of use; unknown fields are ignored,
//! absent ones take their default.
//!
//! Source: Alibaba ECS API reference.

mod create_auto_provisioning_group;
mod delete_instances;
mod describe_available_resource;
mod describe_capacity_reservations;
mod describe_elasticity_assurances;
mod describe_images;
mod describe_instance_types;
mod describe_instances;
mod describe_price;
mod describe_security_groups;
mod describe_spot_price_history;
mod describe_zones;
mod lists;
mod run_instances;
mod tags;

use async_trait::async_trait;

pub use self::{
    create_auto_provisioning_group::{
        CreateAutoProvisioningGroup, CreateAutoProvisioningGroupResponse, LaunchConfiguration,
        LaunchDataDisk, LaunchResult, LaunchSystemDisk, LaunchTemplateConfig, ResourcePoolOptions,
        SystemDiskConfig,
    },
    delete_instances::{DeleteInstance, DeleteInstances},
    describe_available_resource::{
        AvailableResource, AvailableZone, DescribeAvailableResource,
        DescribeAvailableResourceResponse, SupportedResource,
    },
    describe_capacity_reservations::{
        AllocatedResource, CapacityReservation, DescribeCapacityReservations,
        DescribeCapacityReservationsResponse,
    },
    describe_elasticity_assurances::{
        DescribeElasticityAssurances, DescribeElasticityAssurancesResponse,
    },
    describe_images::{
        DescribeImageFromFamily, DescribeImageFromFamilyResponse, DescribeImages,
        DescribeImagesResponse, Image, ImageFeatures,
    },
    describe_instance_types::{DescribeInstanceTypes, DescribeInstanceTypesResponse, InstanceType},
    describe_instances::{
        DescribeInstances, DescribeInstancesResponse, EcsCapacityReservationAttr, Filter, Instance,
        MetadataOptions, OperationLock, VpcAttributes,
    },
    describe_price::{DescribePrice, DescribePriceResponse, Price, PriceDetail, PriceInfo},
    describe_security_groups::{
        DescribeSecurityGroups, DescribeSecurityGroupsResponse, SecurityGroup,
    },
    describe_spot_price_history::{
        DescribeSpotPriceHistory, DescribeSpotPriceHistoryResponse, SpotPrice,
    },
    describe_zones::{DescribeZones, DescribeZonesResponse, Zone},
    lists::{
        capacity_reservations, elasticity_assurances, images, instance_types, instances,
        instances_by_id, security_groups, spot_prices, tag_rows,
    },
    run_instances::{
        CpuOptions, DataDisk, PrivatePoolOptions, RunInstances, RunInstancesResponse, SystemDisk,
    },
    tags::{ListTagResources, ListTagResourcesResponse, TagResource, TagResources, UntagResources},
};
use crate::{client::Client, error::SdkError};

/// A tag to set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// 1 to 128 characters.
    pub key: String,
    /// Up to 128 characters; empty is legal and is sent.
    pub value: String,
}

/// A tag to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagFilter {
    /// Key that must exist.
    pub key: String,
    /// Value it must have; any when absent.
    pub value: Option<String>,
}

/// The answer of actions that return nothing but a request id.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Done {
    /// Id of the call, for support tickets.
    pub request_id: String,
}

/// The ECS actions of this crate, one request to the service (and its retries) per call.
///
/// # Errors
/// Every method fails with the [`SdkError`] of its last attempt.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EcsApi: Send + Sync {
    /// Creates instances; answers with their ids before they run.
    async fn run_instances(&self, request: &RunInstances)
    -> Result<RunInstancesResponse, SdkError>;
    /// Creates instances from the first of several pools that has stock.
    async fn create_auto_provisioning_group(
        &self,
        request: &CreateAutoProvisioningGroup,
    ) -> Result<CreateAutoProvisioningGroupResponse, SdkError>;
    /// One page of capacity reservations.
    async fn describe_capacity_reservations(
        &self,
        request: &DescribeCapacityReservations,
    ) -> Result<DescribeCapacityReservationsResponse, SdkError>;
    /// One page of elasticity assurances.
    async fn describe_elasticity_assurances(
        &self,
        request: &DescribeElasticityAssurances,
    ) -> Result<DescribeElasticityAssurancesResponse, SdkError>;
    /// One page of instances; ids that do not exist are simply absent.
    async fn describe_instances(
        &self,
        request: &DescribeInstances,
    ) -> Result<DescribeInstancesResponse, SdkError>;
    /// Releases several instances, all or none.
    async fn delete_instances(&self, request: &DeleteInstances) -> Result<Done, SdkError>;
    /// Releases one instance.
    async fn delete_instance(&self, request: &DeleteInstance) -> Result<Done, SdkError>;
    /// One page of instance types.
    async fn describe_instance_types(
        &self,
        request: &DescribeInstanceTypes,
    ) -> Result<DescribeInstanceTypesResponse, SdkError>;
    /// What is in stock per zone.
    async fn describe_available_resource(
        &self,
        request: &DescribeAvailableResource,
    ) -> Result<DescribeAvailableResourceResponse, SdkError>;
    /// The price of one configuration.
    async fn describe_price(
        &self,
        request: &DescribePrice,
    ) -> Result<DescribePriceResponse, SdkError>;
    /// One page of spot prices of one type.
    async fn describe_spot_price_history(
        &self,
        request: &DescribeSpotPriceHistory,
    ) -> Result<DescribeSpotPriceHistoryResponse, SdkError>;
    /// One page of images.
    async fn describe_images(
        &self,
        request: &DescribeImages,
    ) -> Result<DescribeImagesResponse, SdkError>;
    /// The newest available image of a family, if any.
    async fn describe_image_from_family(
        &self,
        request: &DescribeImageFromFamily,
    ) -> Result<DescribeImageFromFamilyResponse, SdkError>;
    /// One page of security groups.
    async fn describe_security_groups(
        &self,
        request: &DescribeSecurityGroups,
    ) -> Result<DescribeSecurityGroupsResponse, SdkError>;
    /// All zones of the region.
    async fn describe_zones(
        &self,
        request: &DescribeZones,
    ) -> Result<DescribeZonesResponse, SdkError>;
    /// Sets tags; existing keys are overwritten.
    async fn tag_resources(&self, request: &TagResources) -> Result<Done, SdkError>;
    /// Removes tags.
    async fn untag_resources(&self, request: &UntagResources) -> Result<Done, SdkError>;
    /// One page of tags, one row per tag and resource.
    async fn list_tag_resources(
        &self,
        request: &ListTagResources,
    ) -> Result<ListTagResourcesResponse, SdkError>;
}

/// Writes the methods that only hand their request to [`Client::send`].
macro_rules! forward {
    ($($method:ident($request:ty) -> $response:ty;)*) => {
        #[async_trait]
        impl EcsApi for Client {
            $(async fn $method(&self, request: &$request) -> Result<$response, SdkError> {
                self.send(request).await
            })*
        }
    };
}

forward! {
    run_instances(RunInstances) -> RunInstancesResponse;
    create_auto_provisioning_group(CreateAutoProvisioningGroup) -> CreateAutoProvisioningGroupResponse;
    describe_capacity_reservations(DescribeCapacityReservations) -> DescribeCapacityReservationsResponse;
    describe_elasticity_assurances(DescribeElasticityAssurances) -> DescribeElasticityAssurancesResponse;
    describe_instances(DescribeInstances) -> DescribeInstancesResponse;
    delete_instances(DeleteInstances) -> Done;
    delete_instance(DeleteInstance) -> Done;
    describe_instance_types(DescribeInstanceTypes) -> DescribeInstanceTypesResponse;
    describe_available_resource(DescribeAvailableResource) -> DescribeAvailableResourceResponse;
    describe_price(DescribePrice) -> DescribePriceResponse;
    describe_spot_price_history(DescribeSpotPriceHistory) -> DescribeSpotPriceHistoryResponse;
    describe_images(DescribeImages) -> DescribeImagesResponse;
    describe_image_from_family(DescribeImageFromFamily) -> DescribeImageFromFamilyResponse;
    describe_security_groups(DescribeSecurityGroups) -> DescribeSecurityGroupsResponse;
    describe_zones(DescribeZones) -> DescribeZonesResponse;
    tag_resources(TagResources) -> Done;
    untag_resources(UntagResources) -> Done;
    list_tag_resources(ListTagResources) -> ListTagResourcesResponse;
}

#[cfg(test)]
mod tests;
