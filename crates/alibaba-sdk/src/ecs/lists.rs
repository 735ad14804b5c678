//! Whole lists over [`EcsApi`], page by page and within [`PageBounds`].
//!
//! Each function overwrites the paging fields of the request it is given.

use super::{
    CapacityReservation, DescribeCapacityReservations, DescribeElasticityAssurances,
    DescribeImages, DescribeInstanceTypes, DescribeInstances, DescribeSecurityGroups,
    DescribeSpotPriceHistory, EcsApi, Image, Instance, InstanceType, ListTagResources,
    SecurityGroup, SpotPrice, TagResource,
};
use crate::{
    action::Action as _,
    error::SdkError,
    page::{NumberedPage, PageBounds, TokenPage, by_number, by_token},
};

/// Largest page of every list here.
const PAGE_SIZE: u32 = 100;
/// Ids per call.
const IDS_PER_CALL: usize = 100;

/// All instances that match `request`. A tag filter finds at most 1000; see [`tag_rows`] beyond.
///
/// # Errors
/// As [`by_token`].
pub async fn instances(
    api: &dyn EcsApi,
    request: &DescribeInstances,
) -> Result<Vec<Instance>, SdkError> {
    by_token(DescribeInstances::NAME, PageBounds::default(), |next_token| {
        let max_results = Some(PAGE_SIZE);
        let request = DescribeInstances { next_token, max_results, ..request.clone() };
        async move {
            let page = api.describe_instances(&request).await?;
            Ok(TokenPage { items: page.instances, next_token: page.next_token })
        }
    })
    .await
}

/// The instances among `ids` that exist, asking for at most 100 per call.
///
/// # Errors
/// As [`by_token`].
pub async fn instances_by_id(api: &dyn EcsApi, ids: &[String]) -> Result<Vec<Instance>, SdkError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_CALL) {
        let request = DescribeInstances { instance_ids: chunk.to_vec(), ..Default::default() };
        found.extend(instances(api, &request).await?);
    }
    Ok(found)
}

/// All instance types that match `request`.
///
/// # Errors
/// As [`by_token`].
pub async fn instance_types(
    api: &dyn EcsApi,
    request: &DescribeInstanceTypes,
) -> Result<Vec<InstanceType>, SdkError> {
    by_token(DescribeInstanceTypes::NAME, PageBounds::default(), |next_token| {
        let max_results = Some(PAGE_SIZE);
        let request = DescribeInstanceTypes { next_token, max_results, ..request.clone() };
        async move {
            let page = api.describe_instance_types(&request).await?;
            Ok(TokenPage { items: page.instance_types, next_token: page.next_token })
        }
    })
    .await
}

/// All security groups that match `request`.
///
/// # Errors
/// As [`by_token`].
pub async fn security_groups(
    api: &dyn EcsApi,
    request: &DescribeSecurityGroups,
) -> Result<Vec<SecurityGroup>, SdkError> {
    by_token(DescribeSecurityGroups::NAME, PageBounds::default(), |next_token| {
        let max_results = Some(PAGE_SIZE);
        let request = DescribeSecurityGroups { next_token, max_results, ..request.clone() };
        async move {
            let page = api.describe_security_groups(&request).await?;
            Ok(TokenPage { items: page.security_groups, next_token: page.next_token })
        }
    })
    .await
}

/// All capacity reservations that match `request`.
///
/// # Errors
/// As [`by_token`].
pub async fn capacity_reservations(
    api: &dyn EcsApi,
    request: &DescribeCapacityReservations,
) -> Result<Vec<CapacityReservation>, SdkError> {
    by_token(DescribeCapacityReservations::NAME, PageBounds::default(), |next_token| {
        let max_results = Some(PAGE_SIZE);
        let request = DescribeCapacityReservations { next_token, max_results, ..request.clone() };
        async move {
            let page = api.describe_capacity_reservations(&request).await?;
            Ok(TokenPage { items: page.capacity_reservation_set, next_token: page.next_token })
        }
    })
    .await
}

/// All elasticity assurances that match `request`.
///
/// # Errors
/// As [`by_token`].
pub async fn elasticity_assurances(
    api: &dyn EcsApi,
    request: &DescribeElasticityAssurances,
) -> Result<Vec<CapacityReservation>, SdkError> {
    by_token(DescribeElasticityAssurances::NAME, PageBounds::default(), |next_token| {
        let max_results = Some(PAGE_SIZE);
        let request = DescribeElasticityAssurances { next_token, max_results, ..request.clone() };
        async move {
            let page = api.describe_elasticity_assurances(&request).await?;
            Ok(TokenPage { items: page.elasticity_assurance_set, next_token: page.next_token })
        }
    })
    .await
}

/// All tag rows that match `request`.
///
/// # Errors
/// As [`by_token`].
pub async fn tag_rows(
    api: &dyn EcsApi,
    request: &ListTagResources,
) -> Result<Vec<TagResource>, SdkError> {
    by_token(ListTagResources::NAME, PageBounds::default(), |next_token| {
        let request = ListTagResources { next_token, ..request.clone() };
        async move {
            let page = api.list_tag_resources(&request).await?;
            Ok(TokenPage { items: page.tag_resources, next_token: page.next_token })
        }
    })
    .await
}

/// All images that match `request`.
///
/// # Errors
/// As [`by_number`].
pub async fn images(api: &dyn EcsApi, request: &DescribeImages) -> Result<Vec<Image>, SdkError> {
    by_number(DescribeImages::NAME, PageBounds::default(), |number| {
        let (page_number, page_size) = (Some(number), Some(PAGE_SIZE));
        let request = DescribeImages { page_number, page_size, ..request.clone() };
        async move {
            let page = api.describe_images(&request).await?;
            Ok(NumberedPage { items: page.images, total_count: page.total_count })
        }
    })
    .await
}

/// All spot price rows that match `request`; the next offset serves as the page's token.
///
/// # Errors
/// As [`by_token`].
pub async fn spot_prices(
    api: &dyn EcsApi,
    request: &DescribeSpotPriceHistory,
) -> Result<Vec<SpotPrice>, SdkError> {
    by_token(DescribeSpotPriceHistory::NAME, PageBounds::default(), |token| {
        let offset = token.and_then(|token| token.parse().ok()).unwrap_or(0);
        let request = DescribeSpotPriceHistory { offset: Some(offset), ..request.clone() };
        async move {
            let page = api.describe_spot_price_history(&request).await?;
            let next = page.next_offset.filter(|next| *next > offset);
            let next_token = next.map(|next| next.to_string()).unwrap_or_default();
            Ok(TokenPage { items: page.spot_prices, next_token })
        }
    })
    .await
}
