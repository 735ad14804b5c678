//! Label and field selectors.

use serde_json::{Value, json};

use crate::kind::Kind;
use crate::object::{label, list};

/// Most values of one term that are looked for in the text.
const MAX_NEEDLES: usize = 8;

/// Which objects of a kind a request is about; the default selects all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    labels: Vec<(String, LabelTest)>,
    fields: Vec<FieldTest>,
    /// Per term, texts of which a selected object contains at least one.
    needles: Vec<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum LabelTest {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldTest {
    pointer: String,
    value: String,
    equal: bool,
}

impl Selector {
    /// Reads the `labelSelector` and `fieldSelector` parameters.
    ///
    /// # Errors
    /// A sentence that says which part cannot be read or which field cannot be selected by.
    pub(crate) fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, String> {
        let labels = terms(labels).map(label_test).collect::<Result<_, _>>()?;
        let fields = terms(fields).map(|term| field_test(kind, term)).collect::<Result<_, _>>()?;
        Ok(Self::new(labels, fields))
    }

    /// Reads a `LabelSelector` object; `null` selects nothing, an empty one everything.
    ///
    /// `None` means the selector selects nothing or cannot be read.
    pub(crate) fn of_object(selector: &Value) -> Option<Self> {
        let object = selector.as_object()?;
        let mut labels = Vec::new();
        for (key, value) in
            object.get("matchLabels").and_then(Value::as_object).into_iter().flatten()
        {
            labels.push((key.clone(), LabelTest::In(vec![value.as_str()?.to_owned()])));
        }
        for term in list(selector, "/matchExpressions") {
            let values = list(term, "/values").iter().filter_map(Value::as_str);
            let values = values.map(str::to_owned).collect();
            let test = match term["operator"].as_str()? {
                "In" => LabelTest::In(values),
                "NotIn" => LabelTest::NotIn(values),
                "Exists" => LabelTest::Exists,
                "DoesNotExist" => LabelTest::Absent,
                _ => return None,
            };
            labels.push((term["key"].as_str()?.to_owned(), test));
        }
        Some(Self::new(labels, Vec::new()))
    }

    fn new(labels: Vec<(String, LabelTest)>, fields: Vec<FieldTest>) -> Self {
        let of_labels = labels.iter().filter_map(|(key, test)| test.needles(key));
        let needles = of_labels.chain(fields.iter().filter_map(FieldTest::needles)).collect();
        Self { labels, fields, needles }
    }

    /// Whether every object is selected.
    pub(crate) fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether the object of this compact JSON text may be selected; much cheaper than parsing it.
    pub(crate) fn may_match(&self, json: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(json) else { return false };
        self.needles.iter().all(|any| any.iter().any(|needle| text.contains(needle)))
    }

    /// Whether an object is selected.
    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.labels.iter().all(|(key, test)| test.admits(label(object, key)))
            && self.fields.iter().all(|test| test.admits(object))
    }
}

impl LabelTest {
    /// Texts of which one is in every object that passes; `None` when there are none or many.
    fn needles(&self, key: &str) -> Option<Vec<String>> {
        let Self::In(values) = self else { return None };
        let needle = |value: &String| format!("{}:{}", json!(key), json!(value));
        (values.len() <= MAX_NEEDLES).then(|| values.iter().map(needle).collect())
    }

    fn admits(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|v| v.parse::<i64>().ok());
        match self {
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
            Self::In(values) => value.is_some_and(|v| values.iter().any(|allowed| allowed == v)),
            Self::NotIn(values) => value.is_none_or(|v| values.iter().all(|refused| refused != v)),
            Self::Above(bound) => number().is_some_and(|n| n > *bound),
            Self::Below(bound) => number().is_some_and(|n| n < *bound),
        }
    }
}

impl FieldTest {
    /// As for labels; a value may stand in the text with or without quotes.
    fn needles(&self) -> Option<Vec<String>> {
        if !self.equal || matches!(self.value.as_str(), "" | "false") {
            return None;
        }
        let member = json!(self.pointer.rsplit('/').next()?);
        let quoted = format!("{member}:{}", json!(self.value));
        Some(vec![quoted, format!("{member}:{}", self.value)])
    }

    fn admits(&self, object: &Value) -> bool {
        let matches = match object.pointer(&self.pointer) {
            Some(Value::String(text)) => *text == self.value,
            Some(Value::Null) | None => self.value.is_empty() || self.value == "false",
            Some(other) => {
                let text = other.to_string();
                text == self.value
            }
        };
        matches == self.equal
    }
}

/// Splits at commas outside parentheses; blanks around terms and empty terms are dropped.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|term| !term.is_empty())
}

fn label_test(term: &str) -> Result<(String, LabelTest), String> {
    let unreadable = || format!("unable to parse requirement: {term:?}");
    if let Some(key) = term.strip_prefix('!') {
        return Ok((label_key(key).ok_or_else(unreadable)?, LabelTest::Absent));
    }
    if let Some(list) = term.strip_suffix(')') {
        let (head, values) = list.split_once('(').ok_or_else(unreadable)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) =
            head.trim().rsplit_once(char::is_whitespace).ok_or_else(unreadable)?;
        let test = match operator {
            "in" => LabelTest::In(values),
            "notin" => LabelTest::NotIn(values),
            _ => return Err(unreadable()),
        };
        return Ok((label_key(key).ok_or_else(unreadable)?, test));
    }
    let (key, test) = compared(term).ok_or_else(unreadable)?;
    Ok((label_key(key).ok_or_else(unreadable)?, test))
}

fn compared(term: &str) -> Option<(&str, LabelTest)> {
    let one = |value: &str| vec![value.trim().trim_start_matches('=').trim().to_owned()];
    if let Some((key, value)) = term.split_once("!=") {
        return Some((key, LabelTest::NotIn(one(value))));
    }
    if let Some((key, value)) = term.split_once('=') {
        return Some((key, LabelTest::In(one(value))));
    }
    if let Some((key, value)) = term.split_once('>') {
        return Some((key, LabelTest::Above(value.trim().parse().ok()?)));
    }
    if let Some((key, value)) = term.split_once('<') {
        return Some((key, LabelTest::Below(value.trim().parse().ok()?)));
    }
    Some((term, LabelTest::Exists))
}

fn label_key(text: &str) -> Option<String> {
    let key = text.trim();
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    (!key.is_empty() && key.chars().all(legal)).then(|| key.to_owned())
}

fn field_test(kind: &Kind, term: &str) -> Result<FieldTest, String> {
    let (path, value, equal) = match (term.split_once("!="), term.split_once('=')) {
        (Some((path, value)), _) => (path, value, false),
        (None, Some((path, value))) => (path, value.trim_start_matches('='), true),
        (None, None) => return Err(format!("invalid selector: {term:?}")),
    };
    let path = path.trim().trim_start_matches('.');
    let common = path == "metadata.name" || (path == "metadata.namespace" && kind.namespaced);
    if !common && !kind.selectable.iter().any(|known| known == path) {
        return Err(format!("field label not supported: {path}"));
    }
    let pointer = format!("/{}", path.replace('.', "/"));
    Ok(FieldTest { pointer, value: value.trim().to_owned(), equal })
}
