//! Reading an untyped object as its type.

use serde_json::{Map, Value};

use super::shape::{Id, Shape, Shapes, Struct};

/// What quantities look like. Source: Kubernetes API.
pub(super) const QUANTITY: &str = "quantities must match the regular expression \
     '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Where the reader is; a chain on the stack, made into text only for a problem.
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
    /// The innermost type with members, with its package.
    owner: &'a str,
}

enum Step<'a> {
    Root,
    Member(&'a str),
    Key(&'a str),
    Index(usize),
}

impl Place<'_> {
    /// Path with items and keys, such as `spec.containers[0].image`.
    fn path(&self) -> String {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Member(name) | Step::Key(name) if path.is_empty() => path.push_str(name),
            Step::Member(name) | Step::Key(name) => {
                path.push('.');
                path.push_str(name);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
        path
    }

    /// Path of members alone, such as `spec.containers.image`.
    fn members(&self) -> String {
        let path = self.parent.map(Place::members).unwrap_or_default();
        match self.step {
            Step::Member(name) if path.is_empty() => name.to_owned(),
            Step::Member(name) => format!("{path}.{name}"),
            Step::Root | Step::Key(_) | Step::Index(_) => path,
        }
    }
}

/// Reads one object.
pub(super) struct Decoder<'a> {
    shapes: &'a Shapes,
    /// Paths of dropped members, in the order in which they were met.
    pub(super) unknown: Vec<String>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(shapes: &'a Shapes) -> Self {
        Self { shapes, unknown: Vec::new() }
    }

    /// Reads a whole object.
    ///
    /// # Errors
    /// What does not fit, in the words of the genuine decoder.
    pub(super) fn decode(&mut self, root: Id, object: &mut Value) -> Result<(), String> {
        self.value(root, object, &Place { parent: None, step: Step::Root, owner: "" })
    }

    fn value(&mut self, id: Id, value: &mut Value, at: &Place<'_>) -> Result<(), String> {
        let shapes = self.shapes;
        match (shapes.shape(id), value) {
            (Shape::Any, _) | (_, Value::Null) => Ok(()),
            (Shape::Text, Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => Ok(()),
            (Shape::Number, Value::Number(_)) => Ok(()),
            (Shape::IntOrString, Value::String(_)) => Ok(()),
            (Shape::IntOrString, Value::Number(number)) if number.is_i64() => Ok(()),
            (Shape::Integer { bits }, Value::Number(number)) => {
                let fits = number.as_i64().is_some_and(|n| *bits == 64 || i32::try_from(n).is_ok());
                let problem = || self.mismatch(id, &format!("number {number}"), at);
                if fits { Ok(()) } else { Err(problem()) }
            }
            (Shape::Quantity, Value::Number(_)) => Ok(()),
            (Shape::Quantity, Value::String(text)) if is_quantity(text) => Ok(()),
            (Shape::Quantity, _) => Err(QUANTITY.to_owned()),
            (Shape::List(item), Value::Array(items)) => {
                for (index, value) in items.iter_mut().enumerate() {
                    let step = Step::Index(index);
                    self.value(*item, value, &Place { parent: Some(at), step, owner: at.owner })?;
                }
                Ok(())
            }
            (Shape::Map(item), Value::Object(members)) => {
                for (key, value) in members.iter_mut() {
                    let step = Step::Key(key);
                    self.value(*item, value, &Place { parent: Some(at), step, owner: at.owner })?;
                }
                Ok(())
            }
            (Shape::Struct(own), Value::Object(members)) => self.members(own, members, at),
            (_, other) => Err(self.mismatch(id, json_type(other), at)),
        }
    }

    fn members(
        &mut self,
        own: &Struct,
        members: &mut Map<String, Value>,
        at: &Place<'_>,
    ) -> Result<(), String> {
        let mut drops = false;
        for (name, value) in members.iter_mut() {
            let place = Place { parent: Some(at), step: Step::Member(name), owner: &own.name };
            match own.members.get(name) {
                Some(shape) => {
                    drops |= value.is_null();
                    self.value(*shape, value, &place)?;
                }
                None => {
                    drops = true;
                    self.unknown.push(place.path());
                }
            }
        }
        if drops {
            members.retain(|name, value| !value.is_null() && own.members.contains_key(name));
        }
        Ok(())
    }

    fn mismatch(&self, id: Id, found: &str, at: &Place<'_>) -> String {
        let owner = at.owner.rsplit('.').next().unwrap_or("");
        format!(
            "json: cannot unmarshal {found} into Go struct field {owner}.{} of type {}",
            at.members(),
            self.shapes.type_name(id)
        )
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A signed decimal number with an SI, binary or exponent suffix.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let split = unsigned.find(|c: char| !matches!(c, '0'..='9' | '.')).unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(split);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let exponent = |digits: &str| {
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let known = match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => true,
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => true,
        other => other.strip_prefix(['e', 'E']).is_some_and(exponent),
    };
    digits > 0 && number.matches('.').count() <= 1 && known
}
