//! Files into objects: YAML documents, JSON values one after the other, and the items of lists.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::complaint::Complaint;

/// Where an object is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, as named on the command line.
    pub file: Arc<str>,
    /// The document in it, counted from 1; documents without content do not count.
    pub document: usize,
    /// The item of a List, counted from 1.
    pub item: Option<usize>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} document {}", self.file, self.document)?;
        match self.item {
            Some(item) => write!(f, " item {item}"),
            None => Ok(()),
        }
    }
}

/// An object as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Where.
    pub origin: Origin,
    /// The object.
    pub value: Value,
}

/// The objects of `text`, which stands in `file`, in the order written; what cannot be read is a complaint.
pub fn read(file: &str, text: &str) -> Vec<Result<Document, Complaint>> {
    let file: Arc<str> = file.into();
    let is_json = text.trim_start().starts_with(['{', '[']);
    let values = if is_json { json(text) } else { yaml(text) };
    let mut documents = vec![];
    for (at, value) in values.into_iter().enumerate() {
        let origin = Origin { file: file.clone(), document: at + 1, item: None };
        match value {
            Ok(value) => documents.extend(items(&origin, value).map(Ok)),
            Err(syntax) => documents.push(Err(Complaint {
                origin,
                object: String::new(),
                field: String::new(),
                problem: syntax,
                fix: "mend the text there".to_owned(),
            })),
        }
    }
    documents
}

/// JSON values one after the other; what follows an error cannot be told apart and is part of it.
fn json(text: &str) -> Vec<Result<Value, String>> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.map(|value| value.map_err(|error| format!("is not JSON: {error}"))).collect()
}

/// YAML documents; one that cannot be read leaves the others as they are.
fn yaml(text: &str) -> Vec<Result<Value, String>> {
    split(text)
        .into_iter()
        .filter_map(|(line, part)| match parse(part) {
            Ok(Value::Null) => None,
            Ok(value) => Some(Ok(value)),
            Err(error) => Some(Err(describe(&error, line))),
        })
        .collect()
}

fn parse(part: &str) -> Result<Value, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 100_000_000,
            max_nodes: 100_000_000,
            max_total_scalar_bytes: 256 << 20,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(part, options)
}

/// What is wrong, with the line in the file; the document begins behind `line` lines.
fn describe(error: &serde_saphyr::Error, line: u64) -> String {
    let message = error.without_snippet().to_string();
    let message = message.lines().next().unwrap_or_default();
    match error.location() {
        Some(at) => {
            format!("is not YAML: line {}, column {}: {message}", line + at.line(), at.column())
        }
        None => format!("is not YAML: {message}"),
    }
}

/// The documents of a YAML text, each with the number of lines before it.
fn split(text: &str) -> Vec<(u64, &str)> {
    let mut parts = vec![];
    let (mut begin, mut begin_line, mut end) = (0, 0, 0);
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let rest = line.trim_end();
        let ends = rest == "..." || rest == "---" || rest.starts_with("--- ");
        if ends {
            parts.push((begin_line, &text[begin..end]));
            // What follows the dashes on their line belongs to the document.
            begin = end + if rest == "..." { line.len() } else { 3 };
            begin_line = if rest == "..." { number } else { number - 1 };
        }
        end += line.len();
    }
    parts.push((begin_line, &text[begin..]));
    parts
}

/// The items of a list, else the object itself.
fn items(origin: &Origin, mut value: Value) -> Box<dyn Iterator<Item = Document>> {
    let kind = value["kind"].as_str().unwrap_or_default().to_owned();
    let Some(of) = kind.strip_suffix("List").filter(|_| value["items"].is_array()) else {
        return Box::new(std::iter::once(Document { origin: origin.clone(), value }));
    };
    let version = value["apiVersion"].take();
    let Value::Array(items) = value["items"].take() else { return Box::new(std::iter::empty()) };
    let (of, origin) = (of.to_owned(), origin.clone());
    Box::new(items.into_iter().zip(1..).map(move |(mut value, item)| {
        // Items of a PodList do not repeat what they are.
        if let Some(object) = value.as_object_mut().filter(|_| !of.is_empty()) {
            object.entry("kind").or_insert_with(|| of.clone().into());
            object.entry("apiVersion").or_insert_with(|| version.clone());
        }
        Document { origin: Origin { item: Some(item), ..origin.clone() }, value }
    }))
}
