//! Types of fields, compiled from the OpenAPI definitions once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::kind::Kind;
use crate::openapi::{Definitions, REF};

/// Number of a shape in [`Shapes`]; shapes may refer to themselves.
pub(super) type Id = usize;

/// What a value must look like.
#[derive(Debug)]
pub(super) enum Shape {
    Any,
    Text,
    /// 32 or 64 bits.
    Integer {
        bits: u8,
    },
    Number,
    Boolean,
    IntOrString,
    Quantity,
    List(Id),
    Map(Id),
    Struct(Struct),
}

/// An object with known members.
#[derive(Debug)]
pub(super) struct Struct {
    /// Name of the type with its package, such as `v1.PodSpec`.
    pub(super) name: String,
    pub(super) members: BTreeMap<String, Id>,
}

/// All shapes.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    all: Vec<Shape>,
    named: BTreeMap<String, Id>,
}

impl Shapes {
    /// The shapes, compiled on first use.
    pub(super) fn get() -> &'static Self {
        static ALL: OnceLock<Shapes> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut shapes = Self::default();
            for name in Definitions::get().kind_names() {
                shapes.named(name);
            }
            shapes
        })
    }

    pub(super) fn shape(&self, id: Id) -> &Shape {
        &self.all[id]
    }

    /// The shape of a built-in kind.
    pub(super) fn of_kind(&self, kind: &Kind) -> Option<Id> {
        let name = Definitions::get().of_kind(&kind.group, &kind.version, &kind.kind)?;
        self.named.get(name).copied()
    }

    /// The type as Go prints it.
    pub(super) fn type_name(&self, id: Id) -> String {
        match self.shape(id) {
            Shape::Any => "interface {}".to_owned(),
            Shape::Text => "string".to_owned(),
            Shape::Integer { bits } => format!("int{bits}"),
            Shape::Number => "float64".to_owned(),
            Shape::Boolean => "bool".to_owned(),
            Shape::IntOrString => "intstr.IntOrString".to_owned(),
            Shape::Quantity => "resource.Quantity".to_owned(),
            Shape::List(item) => format!("[]{}", self.type_name(*item)),
            Shape::Map(value) => format!("map[string]{}", self.type_name(*value)),
            Shape::Struct(own) => own.name.clone(),
        }
    }

    fn push(&mut self, shape: Shape) -> Id {
        self.all.push(shape);
        self.all.len() - 1
    }

    /// The shape of a named definition; the number is taken before the definition is read.
    fn named(&mut self, name: &str) -> Id {
        if let Some(known) = self.named.get(name) {
            return *known;
        }
        let id = self.push(Shape::Any);
        self.named.insert(name.to_owned(), id);
        let mut parts = name.rsplit('.');
        let (own, package) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let shape = match (own, Definitions::get().schema(name)) {
            ("Quantity", _) => Shape::Quantity,
            ("IntOrString", _) => Shape::IntOrString,
            (_, Some(schema)) => self.read(schema, &format!("{package}.{own}")),
            (_, None) => Shape::Any,
        };
        self.all[id] = shape;
        id
    }

    fn of(&mut self, schema: &Value) -> Id {
        let target = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"));
        match target.and_then(Value::as_str).and_then(|target| target.strip_prefix(REF)) {
            Some(name) => self.named(name),
            None => {
                let shape = self.read(schema, "struct {}");
                self.push(shape)
            }
        }
    }

    fn read(&mut self, schema: &Value, name: &str) -> Shape {
        match schema["type"].as_str().unwrap_or("") {
            "string" => Shape::Text,
            "integer" if schema["format"] == "int64" => Shape::Integer { bits: 64 },
            "integer" => Shape::Integer { bits: 32 },
            "number" => Shape::Number,
            "boolean" => Shape::Boolean,
            "array" => Shape::List(self.of(&schema["items"])),
            "object" => match (&schema["properties"], &schema["additionalProperties"]) {
                (Value::Object(members), _) => {
                    let members =
                        members.iter().map(|(name, schema)| (name.clone(), self.of(schema)));
                    let members = members.collect();
                    Shape::Struct(Struct { name: name.to_owned(), members })
                }
                (_, value @ Value::Object(_)) => Shape::Map(self.of(value)),
                _ => Shape::Any,
            },
            _ => Shape::Any,
        }
    }
}
