//! Paths of the Kubernetes API.

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/healthz` and its relatives.
    Health,
    /// `/version`.
    Version,
    /// `/api`.
    CoreVersions,
    /// `/apis`.
    Groups,
    /// `/apis/{group}`.
    Group(String),
    /// `/api/v1` or `/apis/{group}/{version}`.
    Resources { group: String, version: String },
    /// `/openapi/v3`.
    Schemas,
    /// `/openapi/v3/api/v1` or `/openapi/v3/apis/{group}/{version}`.
    Schema { group: String, version: String },
    /// Anything below a group version.
    Place(Place),
}

/// A collection, an object or a subresource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) version: String,
    /// Namespace of the path; `None` also for a list over all namespaces.
    pub(crate) namespace: Option<String>,
    pub(crate) plural: String,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
}

/// Reads a path; `None` when it has no meaning here.
pub(crate) fn parse(path: &str) -> Option<Route> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => Some(Route::Health),
        ["version"] => Some(Route::Version),
        ["api"] => Some(Route::CoreVersions),
        ["apis"] => Some(Route::Groups),
        ["openapi", "v3"] => Some(Route::Schemas),
        ["openapi", "v3", "api", version] => Some(schema("", version)),
        ["openapi", "v3", "apis", group, version] => Some(schema(group, version)),
        ["apis", group] => Some(Route::Group((*group).to_owned())),
        ["api", version, rest @ ..] => below("", version, rest),
        ["apis", group, version, rest @ ..] => below(group, version, rest),
        _ => None,
    }
}

fn schema(group: &str, version: &str) -> Route {
    Route::Schema { group: group.to_owned(), version: version.to_owned() }
}

fn below(group: &str, version: &str, rest: &[&str]) -> Option<Route> {
    let (namespace, rest) = match rest {
        [] => {
            return Some(Route::Resources { group: group.to_owned(), version: version.to_owned() });
        }
        // `namespaces/{name}/status` is a subresource of the namespace itself.
        ["namespaces", _, "status" | "finalize"] => (None, rest),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        rest => (None, rest),
    };
    let (plural, name, subresource) = match rest {
        [plural] => (plural, None, None),
        [plural, name] => (plural, Some(name), None),
        [plural, name, subresource] => (plural, Some(name), Some(subresource)),
        _ => return None,
    };
    let owned = |text: &&str| (*text).to_owned();
    Some(Route::Place(Place {
        group: group.to_owned(),
        version: version.to_owned(),
        namespace: namespace.map(str::to_owned),
        plural: owned(plural),
        name: name.map(owned),
        subresource: subresource.map(owned),
    }))
}
