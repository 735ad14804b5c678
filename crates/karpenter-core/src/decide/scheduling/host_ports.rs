//! Ports of nodes that two pods cannot have at once.

use std::net::IpAddr;

use crate::model::pod::HostPort;

/// Whether some port of `wanted` is taken by one of `used`.
///
/// Protocol and port must be equal, and the addresses equal or one of them unspecified.
///
/// Source: Karpenter behaviour, host ports.
pub(super) fn conflict<'a>(
    wanted: &[HostPort],
    used: impl IntoIterator<Item = &'a HostPort>,
) -> bool {
    !wanted.is_empty()
        && used.into_iter().any(|used| wanted.iter().any(|wanted| is_same(wanted, used)))
}

fn is_same(a: &HostPort, b: &HostPort) -> bool {
    a.protocol == b.protocol && a.port == b.port && overlap(&a.ip, &b.ip)
}

/// Addresses that are no addresses are compared as texts.
fn overlap(a: &str, b: &str) -> bool {
    match (a.parse::<IpAddr>(), b.parse::<IpAddr>()) {
        (Ok(a), Ok(b)) => a == b || a.is_unspecified() || b.is_unspecified(),
        _ => a == b,
    }
}
