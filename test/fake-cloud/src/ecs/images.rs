//! DescribeImages and DescribeImageFromFamily.

use serde_json::{Value, json};

use super::{
    fits, order,
    page::{PageLimits, by_number},
    tag_set, tags,
};
use crate::{Image, action::Call, error::ApiError, http::respond::Reply, time};

/// Images that fit every filter, by id; only `Available` ones unless `Status` says otherwise.
///
/// Source: Alibaba action DescribeImages.
pub(crate) fn describe_images(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    const ACCEPTED: [&str; 7] = [
        "OSType",
        "ShowExpired",
        "Usage",
        "ActionType",
        "IsPublic",
        "IsSupportCloudinit",
        "ImageOwnerId",
    ];
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &ACCEPTED);
    let comma = |name: &str| -> Option<Vec<&str>> { Some(params.text(name)?.split(',').collect()) };
    let ids = comma("ImageId");
    if ids.as_ref().is_some_and(|ids| ids.len() > 100) {
        return Err(ApiError::invalid("ImageId"));
    }
    let statuses = comma("Status").unwrap_or(vec!["Available"]);
    let filters = params.tag_filters("Tag");
    let of =
        params.text("InstanceType").map(|id| order::instance_type(call.world, id)).transpose()?;
    let same = |want: Option<&str>, have: &str| want.is_none_or(|want| want == have);
    let name = params.text("ImageName");
    let family = params.text("ImageFamily");
    let owner = params.text("ImageOwnerAlias");
    let architecture = params.text("Architecture");
    let rows: Vec<&Image> = call
        .world
        .images
        .values()
        .filter(|image| ids.as_ref().is_none_or(|ids| ids.contains(&image.id.as_str())))
        .filter(|image| statuses == ["ALL"] || statuses.contains(&image.status.as_str()))
        .filter(|image| name.is_none_or(|pattern| fits(pattern, &image.name)))
        .filter(|image| same(family, &image.family) && same(owner, &image.owner_alias))
        .filter(|image| same(architecture, image.architecture_name()))
        .filter(|image| of.is_none_or(|of| of.architecture == image.architecture))
        .filter(|image| tags::tags_fit(&image.tags, &filters))
        .collect();
    let limits = PageLimits { min: 1, max: 100, default: 10 };
    let (page, mut answer) = by_number(params, limits, rows)?;
    answer["Images"] = json!({"Image": page.into_iter().map(render).collect::<Vec<_>>()});
    answer["RegionId"] = call.world.region.clone().into();
    Ok(answer.into())
}

/// The newest available image of a family; no `Image` member if there is none.
///
/// Source: Alibaba action DescribeImageFromFamily.
pub(crate) fn describe_image_from_family(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let family = call.params.required("ImageFamily")?;
    Ok(match order::newest_of_family(call.world, family) {
        Some(image) => json!({"Image": render(image)}),
        None => json!({}),
    }
    .into())
}

fn render(image: &Image) -> Value {
    json!({
        "ImageId": image.id,
        "ImageName": image.name,
        "ImageFamily": image.family,
        "ImageVersion": "",
        "ImageOwnerAlias": image.owner_alias,
        "Architecture": image.architecture_name(),
        "OSType": "linux",
        "OSName": image.os_name,
        "OSNameEn": image.os_name,
        "Platform": image.platform,
        "Size": image.size_gib,
        "Status": image.status,
        "CreationTime": time::seconds(image.created),
        "Description": "",
        "IsSupportCloudinit": true,
        "IsSupportIoOptimized": true,
        "BootMode": "BIOS",
        "Features": {"NvmeSupport": "supported", "ImdsSupport": "v2"},
        "Tags": tag_set(&image.tags),
        "DiskDeviceMappings": {"DiskDeviceMapping": []},
    })
}
