//! Where a product answers: scheme and authority per product, region and network.
//!
//! Order: explicit override, then the network mode, then (public network only) the table of regions whose
//! regional name is not known to work, then the rule. `Differs:` the official client consults its public table
//! before the network mode and so leaves the VPC for some regions.
//!
//! Source: Alibaba Cloud endpoint tables.

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr};

use http::uri::{Authority, Scheme};

use crate::action::Product;

/// Which set of host names to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Names that resolve from anywhere.
    #[default]
    Public,
    /// Names that resolve to addresses inside the VPC.
    Vpc,
}

/// Scheme and authority of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
}

impl Endpoint {
    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Host, with the port when it is not the scheme's default: the value of the signed `host` header.
    #[must_use]
    pub fn host(&self) -> String {
        let default_port = if self.scheme == Scheme::HTTP { 80 } else { 443 };
        match self.authority.port_u16() {
            Some(port) if port == default_port => self.authority.host().to_owned(),
            _ => self.authority.as_str().to_owned(),
        }
    }

    /// Whether nobody on the way can read what is sent: https, or plain http that does not leave this machine
    /// (127.0.0.0/8, `::1`, `localhost`). Requests carry credentials.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.scheme == Scheme::HTTPS || is_loopback(self.authority.host())
    }
}

/// `host` as in a URL: addresses of version 6 stand in brackets.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback_address = address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host.eq_ignore_ascii_case("localhost") || is_loopback_address
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.host())
    }
}

/// The text is not `[http://|https://]host[:port]`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an endpoint: {0:?}")]
pub struct InvalidEndpoint(pub String);

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    /// Without a scheme the endpoint is https; a trailing `/` is ignored, any other path refused.
    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Scheme::HTTP, rest),
            Some(("https", rest)) => (Scheme::HTTPS, rest),
            Some(_) => return Err(InvalidEndpoint(text.to_owned())),
            None => (Scheme::HTTPS, text),
        };
        let authority: Authority =
            rest.trim_end_matches('/').parse().map_err(|_| InvalidEndpoint(text.to_owned()))?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(InvalidEndpoint(text.to_owned()));
        }
        Ok(Self { scheme, authority })
    }
}

/// How endpoints are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Which names to use where nothing is overridden.
    pub network: Network,
    /// Endpoints that replace every rule for their product.
    pub overrides: BTreeMap<Product, Endpoint>,
}

impl Endpoints {
    /// The endpoint of `product` in `region`; an empty region selects the central STS.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] when `region` cannot be part of a host name.
    pub fn resolve(&self, product: Product, region: &str) -> Result<Endpoint, InvalidEndpoint> {
        if let Some(endpoint) = self.overrides.get(&product) {
            return Ok(endpoint.clone());
        }
        let host = match self.network {
            Network::Vpc => vpc_host(product, region),
            Network::Public => public_host(product, region),
        };
        if host.contains(['/', ':', '@']) {
            return Err(InvalidEndpoint(host));
        }
        host.parse()
    }
}

fn public_host(product: Product, region: &str) -> String {
    let prefix = match product {
        Product::Ecs => match region {
            "cn-shanghai-finance-1" | "cn-shenzhen-finance-1" => {
                return "ecs-cn-hangzhou.aliyuncs.com".to_owned();
            }
            "cn-north-2-gov-1" | "cn-hangzhou-finance" => return "ecs.aliyuncs.com".to_owned(),
            _ => "ecs",
        },
        Product::Vpc => "vpc",
        Product::Cs => "cs",
        Product::Ram => return "ram.aliyuncs.com".to_owned(),
        Product::Sts if region.is_empty() => return "sts.aliyuncs.com".to_owned(),
        Product::Sts => "sts",
        Product::Cms => "metrics",
    };
    format!("{prefix}.{region}.aliyuncs.com")
}

fn vpc_host(product: Product, region: &str) -> String {
    let prefix = match product {
        Product::Ecs => "ecs-vpc",
        Product::Vpc => "vpc-vpc",
        Product::Cs => "cs-anony-vpc",
        Product::Ram => return "ram.vpc-proxy.aliyuncs.com".to_owned(),
        Product::Sts if region.is_empty() => return "sts.aliyuncs.com".to_owned(),
        Product::Sts => "sts-vpc",
        Product::Cms => "metrics-vpc",
    };
    format!("{prefix}.{region}.aliyuncs.com")
}

#[cfg(test)]
mod tests;
