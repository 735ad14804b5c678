//! The JSON paths of printer columns.
//!
//! A path is a chain of `.member` (with `\.` for a dot inside the name), `['member']`, `[2]`,
//! `[*]` and `[?(@.member=="text")]`.

use serde_json::Value;

/// One compiled path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    /// Counted from the end when negative.
    Index(i64),
    All,
    /// Items whose value at the path is (or is not) this text.
    Filter {
        path: JsonPath,
        equal: bool,
        text: String,
    },
}

impl JsonPath {
    /// Reads a path; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut rest = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        rest = rest.strip_prefix('$').unwrap_or(rest);
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(bracket) => bracketed(bracket)?,
                None => member(rest.strip_prefix('.').unwrap_or(rest))?,
            };
            steps.extend(step);
            rest = after;
        }
        Some(Self(steps))
    }

    /// The first value the path leads to.
    pub(crate) fn first<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        let mut found = vec![root];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| step.follow(value)).collect();
        }
        found.first().copied()
    }
}

impl Step {
    fn follow<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match self {
            Self::Member(name) => value.get(name).into_iter().collect(),
            Self::Index(index) => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice);
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let index = if *index < 0 { length.saturating_add(*index) } else { *index };
                usize::try_from(index).ok().and_then(|index| items.get(index)).into_iter().collect()
            }
            Self::All => match value {
                Value::Array(items) => items.iter().collect(),
                Value::Object(members) => members.values().collect(),
                _ => Vec::new(),
            },
            Self::Filter { path, equal, text } => {
                let items = value.as_array().into_iter().flatten();
                items
                    .filter(|item| {
                        path.first(item)
                            .is_some_and(|found| (super::text::scalar(found) == *text) == *equal)
                    })
                    .collect()
            }
        }
    }
}

/// Reads a member up to the next `.` or `[`; an empty one (the root) is no step.
fn member(text: &str) -> Option<(Option<Step>, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    let mut end = text.len();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.push(chars.next()?.1),
            '.' | '[' => {
                end = at;
                break;
            }
            c => name.push(c),
        }
    }
    let step = match name.as_str() {
        "" => None,
        "*" => Some(Step::All),
        _ => Some(Step::Member(name)),
    };
    Some((step, &text[end..]))
}

/// Reads what follows a `[`, the closing bracket included.
fn bracketed(text: &str) -> Option<(Option<Step>, &str)> {
    if let Some(filter) = text.strip_prefix("?(") {
        let (condition, rest) = filter.split_once(")]")?;
        return Some((Some(parse_filter(condition)?), rest));
    }
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, rest) = quoted.split_once(quote)?;
            return Some((Some(Step::Member(name.replace("\\.", "."))), rest.strip_prefix(']')?));
        }
    }
    let (inner, rest) = text.split_once(']')?;
    let step = if inner == "*" { Step::All } else { Step::Index(inner.parse().ok()?) };
    Some((Some(step), rest))
}

fn parse_filter(condition: &str) -> Option<Step> {
    let (left, right, equal) = match condition.split_once("==") {
        Some((left, right)) => (left, right, true),
        None => condition.split_once("!=").map(|(left, right)| (left, right, false))?,
    };
    let path = JsonPath::parse(left.trim().strip_prefix('@')?)?;
    let text = right.trim().trim_matches(['"', '\'']).to_owned();
    Some(Step::Filter { path, equal, text })
}
