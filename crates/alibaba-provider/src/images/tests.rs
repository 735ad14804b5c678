//! Images: newest first, one per architecture, terms in order.

use alibaba_sdk::cs::VersionImage;
use alibaba_sdk::ecs::Image;

use super::select::{AliasError, best_per_arch, for_arch, join, of_alias};
use crate::testing::image;

fn offered(id: &str, image_type: &str, architecture: &str) -> VersionImage {
    VersionImage {
        image_id: id.to_owned(),
        image_type: image_type.to_owned(),
        architecture: architecture.to_owned(),
        ..VersionImage::default()
    }
}

fn al3() -> Vec<VersionImage> {
    vec![
        offered("aliyun_3_x64_20G_alibase_20240528.vhd", "AliyunLinux3", "x86_64"),
        offered("aliyun_3_x64_20G_alibase_20250117.vhd", "AliyunLinux3", "x86_64"),
        offered("aliyun_3_arm64_20G_alibase_20240528.vhd", "AliyunLinux3Arm64", "arm64"),
    ]
}

fn ids(images: &[crate::api::status::ImageStatus]) -> Vec<&str> {
    images.iter().map(|image| image.id.as_str()).collect()
}

// behaviour 05#34
#[test]
fn latest_of_an_alias_is_the_greatest_date_of_each_architecture() {
    let images = of_alias("AlibabaCloudLinux3@latest", &al3()).expect("images");
    let expected =
        ["aliyun_3_x64_20G_alibase_20250117.vhd", "aliyun_3_arm64_20G_alibase_20240528.vhd"];
    assert_eq!(ids(&images), expected);
}

// behaviour 05#35
#[test]
fn version_of_an_alias_is_exact() {
    let images = of_alias("AlibabaCloudLinux3@20240528", &al3()).expect("images");
    assert_eq!(images.len(), 2);
    assert!(ids(&images).iter().all(|id| id.contains("20240528")));
    let missing = of_alias("AlibabaCloudLinux3@20000101", &al3());
    assert!(matches!(missing, Err(AliasError::NoSuchVersion(_))));
}

// behaviour 05#36
#[test]
fn unknown_alias_is_told_apart_from_a_missing_version() {
    assert!(matches!(of_alias("Foo@latest", &al3()), Err(AliasError::Unsupported(_))));
}

#[test]
fn available_image_beats_a_newer_deprecated_one() {
    let image = |id: &str, status: &str, created: &str| Image {
        image_id: id.to_owned(),
        status: status.to_owned(),
        architecture: "x86_64".to_owned(),
        creation_time: alibaba_sdk::parse_time(created),
        ..Image::default()
    };
    let images = [
        image("old", "Available", "2026-01-01T00:00:00Z"),
        image("new", "Available", "2026-02-01T00:00:00Z"),
        image("newest", "Deprecated", "2026-03-01T00:00:00Z"),
    ];
    assert_eq!(ids(&best_per_arch(&images)), ["new"]);
}

// behaviour 05#100, 01#146
#[test]
fn first_term_wins_for_every_type_it_can_boot() {
    let terms = [
        vec![image("container-os", "amd64")],
        vec![image("al3", "amd64"), image("al3-arm", "arm64"), image("container-os", "amd64")],
    ];
    let images = join(terms);
    assert_eq!(ids(&images), ["container-os", "al3", "al3-arm"]);
    assert_eq!(for_arch(&images, "amd64").map(|i| i.id.as_str()), Some("container-os"));
    assert_eq!(for_arch(&images, "arm64").map(|i| i.id.as_str()), Some("al3-arm"));
}
