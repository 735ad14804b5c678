//! The metadata service, as a machine sees it.

use http::StatusCode;

use crate::lab::{Answer, Lab, raw};

async fn get(lab: &Lab, id: &str, path: &str) -> Answer {
    with_token(lab, id, path, None).await
}

async fn with_token(lab: &Lab, id: &str, path: &str, token: Option<&str>) -> Answer {
    let mut headers = vec![("x-fake-instance", id)];
    headers.extend(token.map(|token| ("x-aliyun-ecs-metadata-token", token)));
    lab.send(raw("GET", &format!("/latest/{path}"), &headers, "")).await.unwrap()
}

async fn token(lab: &Lab, headers: &[(&str, &str)]) -> Answer {
    lab.send(raw("PUT", "/latest/api/token", headers, "")).await.unwrap()
}

const TTL: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";

// Source: Alibaba "Instance metadata" (items)
#[tokio::test]
async fn an_instance_reads_who_it_is() {
    let lab = Lab::new();
    let id = lab.launch(&[("UserData", "I2Nsb3VkLWNvbmZpZwo=")]).await.ids().remove(0);
    let instance = lab.cloud.instance(&id).unwrap();
    for (path, text) in [
        ("meta-data/instance-id", id.as_str()),
        ("meta-data/region-id", "cn-hangzhou"),
        ("meta-data/zone-id", "cn-hangzhou-h"),
        ("meta-data/vpc-id", "vpc-bp1m7v4k2q9x8z3t6w5r1"),
        ("meta-data/vswitch-id", &instance.vswitch_id),
        ("meta-data/owner-account-id", "1234567890123456"),
        ("meta-data/private-ipv4", "10.0.0.1"),
        ("meta-data/hostname", &instance.host_name),
        ("meta-data/image-id", &instance.image_id),
        ("meta-data/instance/instance-type", "ecs.g7.large"),
        ("user-data", "#cloud-config\n"),
    ] {
        let answer = get(&lab, &id, path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, text), "{path}");
    }
    let document = get(&lab, &id, "dynamic/instance-identity/document").await;
    assert_eq!(document.at("/instance-id"), id.as_str());
    assert_eq!(get(&lab, &id, "meta-data/nonsense").await.status, 404);
}

// Source: Alibaba "Instance metadata" (hardened mode)
#[tokio::test]
async fn the_hardened_mode_needs_a_token_that_is_not_older_than_its_life() {
    let lab = Lab::new();
    let launched = lab.launch(&[("HttpTokens", "required"), ("HttpEndpoint", "enabled")]).await;
    let id = launched.ids().remove(0);
    assert_eq!(get(&lab, &id, "meta-data/instance-id").await.status, 403);
    let issued = token(&lab, &[("x-fake-instance", &id), (TTL, "60")]).await.text;
    let read = with_token(&lab, &id, "meta-data/instance-id", Some(&issued)).await;
    assert_eq!((read.status, read.text), (200, id.clone()));
    lab.advance(60);
    for bad in [issued.as_str(), "made.up", ""] {
        assert_eq!(with_token(&lab, &id, "meta-data/instance-id", Some(bad)).await.status, 401);
    }
}

// Source: Alibaba "Instance metadata" (token)
#[tokio::test]
async fn a_token_needs_a_sane_life_and_a_direct_caller() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    let own = ("x-fake-instance", id.as_str());
    for (headers, status) in [
        (vec![own], 400),
        (vec![own, (TTL, "0")], 400),
        (vec![own, (TTL, "21601")], 400),
        (vec![own, (TTL, "21600")], 200),
        (vec![own, (TTL, "60"), ("x-forwarded-for", "10.0.0.9")], 403),
    ] {
        assert_eq!(token(&lab, &headers).await.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_token_of_another_instance_is_no_token() {
    let lab = Lab::new();
    let one = lab.launch(&[]).await.ids().remove(0);
    let other = lab.launch(&[]).await.ids().remove(0);
    let issued = token(&lab, &[("x-fake-instance", &one), (TTL, "60")]).await.text;
    assert_eq!(with_token(&lab, &other, "meta-data/zone-id", Some(&issued)).await.status, 401);
}

// Source: Alibaba "Instance RAM roles"
#[tokio::test]
async fn credentials_of_the_role_sign_calls_and_are_renewed_before_they_end() {
    let lab = Lab::new();
    let id = lab.launch(&[("RamRoleName", "KubernetesWorkerRole")]).await.ids().remove(0);
    let base = "meta-data/ram/security-credentials/";
    assert_eq!(get(&lab, &id, base).await.text, "KubernetesWorkerRole");
    let path = format!("{base}KubernetesWorkerRole");
    let first = get(&lab, &id, &path).await;
    assert_eq!(first.at("/Code"), "Success");
    assert_eq!(first.at("/Expiration"), "2026-01-02T09:04:05Z");
    let text = |name: &str| first.at(name).as_str().unwrap().to_owned();
    let mut signer = lab.signer("GetCallerIdentity", "2015-04-01");
    signer.key = (text("/AccessKeyId"), text("/AccessKeySecret"));
    let signer = signer.header("x-acs-security-token", &text("/SecurityToken"));
    let who = lab.send(signer.build("POST", "/", "", "")).await.unwrap();
    assert_eq!(who.at("/IdentityType"), "AssumedRoleUser", "{}", who.text);
    lab.advance(3600);
    assert_eq!(get(&lab, &id, &path).await.text, first.text, "still fresh");
    lab.advance(5 * 3600 - 60);
    assert_ne!(get(&lab, &id, &path).await.text, first.text, "about to end");
}

#[tokio::test]
async fn an_instance_without_a_role_has_no_credentials() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    for path in ["", "KubernetesWorkerRole"] {
        let path = format!("meta-data/ram/security-credentials/{path}");
        assert_eq!(get(&lab, &id, &path).await.status, StatusCode::NOT_FOUND);
    }
}

// behaviour 06#46
// Source: Alibaba "Preemptible instances" (termination-time)
#[tokio::test]
async fn a_reclaimed_spot_instance_reads_when_it_ends_and_then_is_gone() {
    let lab = Lab::new();
    let id = lab.launch(&[("SpotStrategy", "SpotAsPriceGo")]).await.ids().remove(0);
    let path = "meta-data/instance/spot/termination-time";
    assert_eq!(get(&lab, &id, path).await.status, 404);
    assert!(lab.cloud.interrupt(&id));
    assert_eq!(get(&lab, &id, path).await.text, "2026-01-02T03:09:05Z");
    let locked = [("LockReason", "Recycling")];
    let found = lab.ecs("DescribeInstances", &locked).await;
    assert_eq!(found.column("/Instances/Instance", "InstanceId"), std::slice::from_ref(&id));
    lab.advance(300);
    assert_eq!(get(&lab, &id, path).await.status, 404);
    assert_eq!(lab.ecs("DescribeInstances", &[]).await.at("/TotalCount"), 0);
}

#[tokio::test]
async fn the_source_address_tells_the_instance() {
    use axum::extract::ConnectInfo;
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    let mut request = raw("GET", "/latest/meta-data/instance-id", &[], "");
    let source: std::net::SocketAddr = "10.0.0.1:40000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(source));
    assert_eq!(lab.send(request).await.unwrap().text, id);
    let stranger = lab.send(raw("GET", "/latest/meta-data/instance-id", &[], "")).await.unwrap();
    assert_eq!(stranger.status, 404);
    assert!(stranger.text.contains("x-fake-instance"), "{}", stranger.text);
}
