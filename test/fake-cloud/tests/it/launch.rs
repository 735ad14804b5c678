//! RunInstances.
//!
//! Source: Alibaba action RunInstances.

use base64::{Engine, engine::general_purpose::STANDARD};
use fake_cloud::{InstanceStatus, Market, SpotStrategy, Stock};

use crate::lab::{IMAGE, Lab, VSWITCH_H, raw};

#[tokio::test]
async fn launch_keeps_all_that_was_ordered() {
    let lab = Lab::new();
    let answer = lab
        .launch(&[
            ("InstanceName", "node-a"),
            ("UserData", "IyEvYmluL3NoCg=="),
            ("SystemDisk.Size", "60"),
            ("SystemDisk.PerformanceLevel", "PL0"),
            ("DataDisk.1.Size", "100"),
            ("DataDisk.1.Category", "cloud_essd"),
            ("DataDisk.1.KMSKeyId", "key-1"),
            ("RamRoleName", "KubernetesWorkerRole"),
            ("SpotStrategy", "SpotAsPriceGo"),
            ("SpotDuration", "0"),
            ("HttpTokens", "required"),
            ("Tag.1.Key", "karpenter.sh/nodepool"),
            ("Tag.1.Value", "default"),
        ])
        .await;
    assert_eq!(answer.code(), "OK", "{}", answer.text);
    let instance = lab.cloud.instance(&answer.ids()[0]).unwrap();
    assert!(instance.id.starts_with("i-bp") && instance.id.len() == 22, "{}", instance.id);
    assert_eq!((instance.name.as_str(), instance.zone.as_str()), ("node-a", "cn-hangzhou-h"));
    assert_eq!(instance.private_ip.to_string(), "10.0.0.1");
    assert_eq!(instance.user_data, "IyEvYmluL3NoCg==");
    assert_eq!(instance.tags["karpenter.sh/nodepool"], "default");
    assert_eq!(instance.spot_strategy, SpotStrategy::AsPriceGo);
    assert_eq!(Some(instance.price), lab.cloud.spot_price("ecs.g7.large", "cn-hangzhou-h"));
    assert_eq!((instance.system_disk.size_gib, instance.http_tokens.as_str()), (60, "required"));
    assert_eq!(instance.data_disks[0].kms_key_id.as_deref(), Some("key-1"));
    assert_eq!(lab.cloud.calls()[0].unknown_params, [""; 0]);
}

#[tokio::test]
async fn instance_boots_as_the_clock_goes_on() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    for (wait, status) in [
        (0, InstanceStatus::Pending),
        (2, InstanceStatus::Starting),
        (8, InstanceStatus::Running),
        (86_400, InstanceStatus::Running),
    ] {
        lab.advance(wait);
        assert_eq!(lab.cloud.instance(&id).unwrap().status, status);
    }
}

// behaviour 06#40
#[tokio::test]
async fn amount_is_all_or_nothing_unless_a_minimum_is_named() {
    let lab = Lab::new();
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(3));
    let answer = lab.launch(&[("Amount", "5")]).await;
    assert_eq!((answer.status, answer.code()), (403, "OperationDenied.NoStock"));
    assert_eq!(lab.cloud.instances().len(), 0);
    let answer = lab.launch(&[("Amount", "5"), ("MinAmount", "2")]).await;
    assert_eq!(answer.ids().len(), 3, "{}", answer.text);
    let left = lab.cloud.stock(Market::OnDemand, "ecs.g7.large", "cn-hangzhou-h");
    assert_eq!(left, Some(Stock::Units(0)));
}

// behaviour 06#47
#[tokio::test]
async fn addresses_of_a_vswitch_run_out() {
    let lab = Lab::new();
    lab.cloud.set_available_ips(VSWITCH_H, 1);
    assert_eq!(lab.launch(&[]).await.code(), "OK");
    let answer = lab.launch(&[]).await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidVSwitchId.IpNotEnough"));
}

// behaviour 06#36
#[tokio::test]
async fn client_token_answers_the_same_ids_and_refuses_other_parameters() {
    let lab = Lab::new();
    let first = lab.launch(&[("ClientToken", "t")]).await;
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(0));
    let again = lab.launch(&[("ClientToken", "t")]).await;
    assert_eq!(first.ids(), again.ids());
    assert_ne!(first.at("/RequestId"), again.at("/RequestId"));
    let other = lab.launch(&[("ClientToken", "t"), ("Amount", "2")]).await;
    assert_eq!((other.status, other.code()), (400, "IdempotentParameterMismatch"));
    assert_eq!(lab.cloud.instances().len(), 1);
}

#[tokio::test]
async fn client_token_of_a_refused_call_is_evaluated_again() {
    let lab = Lab::new();
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(0));
    assert_eq!(lab.launch(&[("ClientToken", "t")]).await.code(), "OperationDenied.NoStock");
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Unlimited);
    assert_eq!(lab.launch(&[("ClientToken", "t")]).await.code(), "OK");
}

// behaviour 06#48
#[tokio::test]
async fn dry_run_tells_what_a_real_run_would_meet_and_creates_nothing() {
    let lab = Lab::new();
    let answer = lab.launch(&[("DryRun", "true")]).await;
    assert_eq!((answer.status, answer.code()), (400, "DryRunOperation"));
    lab.cloud.deny("RunInstances");
    let answer = lab.launch(&[("DryRun", "true")]).await;
    assert_eq!((answer.status, answer.code()), (403, "Forbidden.RAM"));
    assert_eq!(answer.at("/AccessDeniedDetail/AuthAction"), "ecs:RunInstances");
    assert_eq!(lab.cloud.instances().len(), 0);
}

// behaviour 06#57
#[tokio::test]
async fn capitalised_booleans_and_whole_floats_are_understood() {
    let lab = Lab::new();
    let answer = lab.launch(&[("DryRun", "False"), ("Amount", "1.0")]).await;
    assert_eq!(answer.ids().len(), 1, "{}", answer.text);
    assert_eq!(lab.launch(&[("DryRun", "True")]).await.code(), "DryRunOperation");
}

// behaviour 06#58
#[tokio::test]
async fn empty_parameters_are_absent_or_refused_by_profile() {
    let empty = |lab: &Lab| {
        let mut params = crate::lab::launch_params(&[("RegionId", "cn-hangzhou")]);
        params.extend([
            ("KeyPairName", ""),
            ("Password", ""),
            ("Tag.1.Key", "a"),
            ("Tag.1.Value", ""),
        ]);
        lab.signed("RunInstances", "2014-05-26", &params)
    };
    let strict = Lab::new();
    assert_eq!(strict.send(empty(&strict)).await.unwrap().code(), "InvalidParameter");
    let sdk = Lab::with(|config| config.profile = fake_cloud::Profile::Sdk);
    assert_eq!(sdk.send(empty(&sdk)).await.unwrap().code(), "OK");
    assert_eq!(sdk.cloud.instances()[0].tags["a"], "");
}

// behaviour 06#14 (server side)
#[tokio::test]
async fn lists_in_the_form_of_another_action_are_refused() {
    let lab = Lab::new();
    let json = "[\"sg-bp1discovery000000001\"]";
    let launch = lab.launch(&[("SecurityGroupIds.1", ""), ("SecurityGroupIds", json)]).await;
    assert_eq!(launch.code(), "InvalidParameter");
    let action = "DescribeSecurityGroups";
    let list = lab.ecs(action, &[("SecurityGroupIds.1", "sg-bp1discovery000000001")]).await;
    assert_eq!(list.code(), "InvalidParameter");
    let right = lab.ecs(action, &[("SecurityGroupIds", json)]).await;
    assert_eq!(right.at("/TotalCount"), 1);
}

// behaviour 06#15 (server side)
#[tokio::test]
async fn misspelt_parameter_is_recorded_as_unknown() {
    let lab = Lab::new();
    lab.launch(&[("DataDisk.1.Size", "40"), ("DataDisk.1.KmsKeyId", "k")]).await;
    assert_eq!(lab.cloud.calls()[0].unknown_params, ["DataDisk.1.KmsKeyId"]);
}

// behaviour 06#64
#[tokio::test]
async fn user_data_ends_at_32_kib_before_encoding() {
    let lab = Lab::new();
    for (bytes, code) in [(32_768, "OK"), (32_769, "InvalidUserData.SizeExceeded")] {
        let data = STANDARD.encode(vec![0xFF; bytes]);
        let form = signed_form(&lab, &format!("form-{bytes}"), &data);
        assert_eq!(lab.send(form).await.unwrap().code(), code, "{bytes}");
    }
}

/// RunInstances as RPC version 1 with everything in the form body.
fn signed_form(lab: &Lab, nonce: &str, user_data: &str) -> http::Request<axum::body::Body> {
    use hmac::{Hmac, KeyInit, Mac};
    let date = lab.date();
    let mut params = crate::lab::launch_params(&[
        ("RegionId", "cn-hangzhou"),
        ("Action", "RunInstances"),
        ("Version", "2014-05-26"),
        ("AccessKeyId", "testid"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
    ]);
    params.extend([("SignatureNonce", nonce), ("Timestamp", &date), ("UserData", user_data)]);
    let form = crate::lab::canonical(&params);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"testsecret&").unwrap();
    mac.update(format!("POST&%2F&{}", crate::lab::percent(&form)).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let body = format!("{form}&Signature={}", crate::lab::percent(&signature));
    raw("POST", "/", &[("content-type", "application/x-www-form-urlencoded")], &body)
}

#[tokio::test]
async fn each_wrong_name_has_its_own_code() {
    let lab = Lab::new();
    let arm = "aliyun_3_arm64_20G_alibase_20250629.vhd";
    lab.cloud.set_market_stock(Market::OnDemand, "ecs.c7.large", "cn-hangzhou-h", None);
    lab.cloud.set_vcpu_quota("ecs.r7", Some(2));
    for (name, value, status, code) in [
        ("InstanceType", "", 400, "MissingParameter"),
        ("InstanceType", "ecs.none.large", 400, "InvalidInstanceType.ValueNotSupported"),
        ("InstanceType", "ecs.c7.large", 403, "Zone.NotOnSale"),
        ("InstanceType", "ecs.r7.xlarge", 403, "QuotaExceed.ElasticQuota"),
        ("ImageId", "", 400, "MissingParameter"),
        ("ImageId", "m-none", 404, "InvalidImageId.NotFound"),
        ("ImageId", arm, 403, "ImageNotSupportInstanceType"),
        ("ImageFamily", "acs:alibaba_cloud_linux_3_2104_lts_x64", 400, "InvalidParameter"),
        ("VSwitchId", "vsw-none", 404, "InvalidVSwitchId.NotFound"),
        ("ZoneId", "cn-hangzhou-i", 400, "InvalidParameter.Mismatch"),
        ("SecurityGroupIds.1", "", 400, "MissingParameter"),
        ("SecurityGroupIds.1", "sg-none", 404, "InvalidSecurityGroupId.NotFound"),
        ("SystemDisk.Category", "floppy", 403, "InvalidDiskCategory.NotSupported"),
        (
            "SystemDisk.Category",
            "cloud_essd_entry",
            403,
            "OperationDenied.ZoneSystemCategoryNotMatch",
        ),
        ("SystemDisk.Size", "19", 404, "InvalidSystemDiskSize.LessThanImageSize"),
        ("SystemDisk.Size", "many", 400, "InvalidParameter"),
        ("RamRoleName", "nobody", 404, "InvalidRamRole.NotFound"),
        ("KeyPairName", "none", 404, "InvalidKeyPairName.NotFound"),
        ("UserData", "***", 400, "InvalidUserData.Base64FormatInvalid"),
        ("Amount", "101", 400, "InvalidParameter"),
        ("SpotStrategy", "SpotWithPriceLimit", 400, "MissingParameter"),
        ("Tag.1.Key", "acs:x", 400, "InvalidTagKey.Malformed"),
        ("PrivatePoolOptions.Id", "crp-1", 400, "Invalid.PrivatePoolOptionsId"),
        ("LaunchTemplateId", "lt-1", 404, "InvalidLaunchTemplate.NotFound"),
        ("RegionId", "cn-nowhere", 404, "InvalidRegionId.NotFound"),
    ] {
        let mut params = crate::lab::launch_params(&[(name, value)]);
        if name != "RegionId" {
            params.push(("RegionId", "cn-hangzhou"));
        }
        let answer = lab.rpc("RunInstances", "2014-05-26", &params).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}={value}");
    }
    assert_eq!(lab.cloud.instances().len(), 0);
}

#[tokio::test]
async fn spot_limit_below_the_market_price_is_refused() {
    let lab = Lab::new();
    lab.cloud.set_spot_price("ecs.g7.large", "cn-hangzhou-h", 0.2);
    for (limit, code) in [("0.199", "InvalidSpotPriceLimit.LowerThanPublicPrice"), ("0.2", "OK")] {
        let spot = [("SpotStrategy", "SpotWithPriceLimit"), ("SpotPriceLimit", limit)];
        assert_eq!(lab.launch(&spot).await.code(), code);
    }
}

#[tokio::test]
async fn image_family_stands_for_its_newest_image() {
    let lab = Lab::new();
    let family = "acs:alibaba_cloud_linux_3_2104_lts_x64";
    let answer = lab.launch(&[("ImageId", ""), ("ImageFamily", family)]).await;
    assert_eq!(lab.cloud.instance(&answer.ids()[0]).unwrap().image_id, IMAGE);
}

#[tokio::test]
async fn same_seed_and_calls_give_the_same_bytes() {
    let mut texts = Vec::new();
    for _ in 0..2 {
        let lab = Lab::new();
        let launch = lab.launch(&[("Amount", "3")]).await.text;
        texts.push((launch, lab.ecs("DescribeInstances", &[]).await.text));
    }
    assert_eq!(texts[0], texts[1]);
    let other = Lab::with(|config| config.seed = 8);
    assert_ne!(other.launch(&[("Amount", "3")]).await.text, texts[0].0);
}
