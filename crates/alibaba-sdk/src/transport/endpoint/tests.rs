//! Endpoint rules.

use super::{Endpoint, Endpoints, InvalidEndpoint, Network};
use crate::action::Product;

fn check(network: Network, region: &str, expect: &[(Product, &str)]) {
    let endpoints = Endpoints { network, ..Default::default() };
    for (product, host) in expect {
        let endpoint = endpoints.resolve(*product, region).unwrap();
        assert_eq!(endpoint.to_string(), format!("https://{host}"));
    }
}

// behaviour 06#25
#[test]
fn vpc_mode_uses_the_names_inside_the_vpc() {
    check(
        Network::Vpc,
        "cn-hangzhou",
        &[
            (Product::Ecs, "ecs-vpc.cn-hangzhou.aliyuncs.com"),
            (Product::Vpc, "vpc-vpc.cn-hangzhou.aliyuncs.com"),
            (Product::Cs, "cs-anony-vpc.cn-hangzhou.aliyuncs.com"),
            (Product::Sts, "sts-vpc.cn-hangzhou.aliyuncs.com"),
            (Product::Ram, "ram.vpc-proxy.aliyuncs.com"),
            (Product::Cms, "metrics-vpc.cn-hangzhou.aliyuncs.com"),
        ],
    );
}

// behaviour 06#26
#[test]
fn public_mode_uses_regional_names_and_central_ram() {
    check(
        Network::Public,
        "ap-southeast-1",
        &[
            (Product::Ecs, "ecs.ap-southeast-1.aliyuncs.com"),
            (Product::Vpc, "vpc.ap-southeast-1.aliyuncs.com"),
            (Product::Cs, "cs.ap-southeast-1.aliyuncs.com"),
            (Product::Sts, "sts.ap-southeast-1.aliyuncs.com"),
            (Product::Ram, "ram.aliyuncs.com"),
            (Product::Cms, "metrics.ap-southeast-1.aliyuncs.com"),
        ],
    );
}

#[test]
fn network_mode_comes_before_the_table_of_historical_names() {
    let table = [(Product::Ecs, "ecs-cn-hangzhou.aliyuncs.com")];
    check(Network::Public, "cn-shanghai-finance-1", &table);
    let rule = [(Product::Ecs, "ecs-vpc.cn-shanghai-finance-1.aliyuncs.com")];
    check(Network::Vpc, "cn-shanghai-finance-1", &rule);
}

#[test]
fn without_a_region_sts_is_central() {
    check(Network::Public, "", &[(Product::Sts, "sts.aliyuncs.com")]);
}

#[test]
fn an_override_wins_and_may_be_plain_http() {
    let fake: Endpoint = "http://127.0.0.1:4566".parse().unwrap();
    let endpoints =
        Endpoints { network: Network::Vpc, overrides: [(Product::Ecs, fake.clone())].into() };
    assert_eq!(endpoints.resolve(Product::Ecs, "cn-hangzhou").unwrap(), fake);
    assert_eq!(fake.host(), "127.0.0.1:4566");
}

#[test]
fn the_signed_host_has_no_default_port() {
    for (text, host) in [
        ("https://h:443", "h"),
        ("http://h:80/", "h"),
        ("h", "h"),
        ("https://h:80", "h:80"),
        ("http://h:443", "h:443"),
    ] {
        assert_eq!(text.parse::<Endpoint>().unwrap().host(), host, "{text}");
    }
}

#[test]
fn what_is_no_endpoint_is_refused() {
    for text in ["", "ftp://h", "https://u@h", "https://h/path", "https://"] {
        assert_eq!(text.parse::<Endpoint>(), Err(InvalidEndpoint(text.to_owned())), "{text}");
    }
    assert!(Endpoints::default().resolve(Product::Ecs, "evil.example/").is_err());
}

#[test]
fn plain_http_is_private_on_this_machine_only() {
    for (text, is_private) in [
        ("http://127.0.0.1:7480", true),
        ("http://127.8.9.10", true),
        ("http://[::1]:7480", true),
        ("http://localhost:7480", true),
        ("http://LOCALHOST", true),
        ("https://ecs.cn-hangzhou.aliyuncs.com", true),
        ("ecs.cn-hangzhou.aliyuncs.com", true),
        ("http://ecs.cn-hangzhou.aliyuncs.com", false),
        ("http://10.0.0.1:7480", false),
        ("http://128.0.0.1", false),
        ("http://[fe80::1]:7480", false),
        ("http://localhost.example.com", false),
        ("http://127.0.0.1.example.com", false),
    ] {
        assert_eq!(text.parse::<Endpoint>().unwrap().is_private(), is_private, "{text}");
    }
}
