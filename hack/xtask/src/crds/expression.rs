//! A reader of rules that knows as much of their language as an estimate needs: names, calls, literals, and which
//! schema a name stands for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::budget::REQUEST;

/// Macros that run their body once per element.
const LOOPS: [&str; 5] = ["all", "exists", "exists_one", "map", "filter"];
/// Times a text is read to search it for a pattern; ours have at most 32 characters.
const SEARCH: u64 = 8;
/// Bytes of a text that are read for one unit of cost.
const BYTES_PER_UNIT: u64 = 10;

/// What one run of a rule costs at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Units.
    pub(super) cost: u64,
    /// Names of lists, maps and texts that the rule reads to their end and that have no bound.
    pub(super) unbounded: Vec<String>,
}

/// Estimates the rule `text` on a value of `schema` that has at most `size` bytes.
pub(super) fn estimate(text: &str, schema: &Value, size: u64) -> Estimate {
    let names = BTreeMap::from([("self", schema.clone()), ("oldSelf", schema.clone())]);
    let estimate = Estimate::default();
    Reader { rest: text, names, size, loops: vec![], open: 0, estimate }.read()
}

struct Reader<'t> {
    rest: &'t str,
    /// Schemas of names in scope; a name that is bound again stands for the new one.
    names: BTreeMap<&'t str, Value>,
    /// Most bytes of the value.
    size: u64,
    /// Loops around the place, each with the parentheses open before it and its number of rounds.
    loops: Vec<(usize, u64)>,
    /// Parentheses open.
    open: usize,
    estimate: Estimate,
}

impl<'t> Reader<'t> {
    fn read(mut self) -> Estimate {
        while let Some(first) = self.rest.chars().next() {
            match first {
                '\'' | '"' => self.literal(first),
                '(' => {
                    self.open += 1;
                    self.skip(1);
                }
                ')' => self.close(),
                _ if is_name(first) => self.chain(),
                _ if first.is_whitespace() => self.skip(first.len_utf8()),
                _ => {
                    self.pay(1);
                    self.skip(first.len_utf8());
                }
            }
        }
        self.estimate
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// Adds `units` for every round of the loops around.
    fn pay(&mut self, units: u64) {
        let rounds = self.loops.iter().fold(1, |rounds: u64, (_, n)| rounds.saturating_mul(*n));
        self.estimate.cost = self.estimate.cost.saturating_add(rounds.saturating_mul(units));
    }

    fn literal(&mut self, quote: char) {
        let end = self.rest[1..].find(quote).map_or(self.rest.len(), |end| end + 2);
        self.pay(1 + u64::try_from(end).unwrap_or(REQUEST) / BYTES_PER_UNIT);
        self.skip(end);
    }

    fn close(&mut self) {
        self.skip(1);
        self.open = self.open.saturating_sub(1);
        self.loops.retain(|(open, _)| *open < self.open + 1);
    }

    fn name(&mut self) -> &'t str {
        let rest = self.rest;
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.skip(end);
        &rest[..end]
    }

    /// A name, its members and elements, and the call at its end.
    fn chain(&mut self) {
        let mut text = self.name();
        if self.rest.starts_with('(') {
            // A function; `has` looks at one member and nothing below.
            if text == "has" {
                let end = self.rest.find(')').map_or(self.rest.len(), |end| end + 1);
                self.skip(end);
            }
            return self.pay(1);
        }
        let mut schema = self.names.get(text).cloned().unwrap_or(Value::Null);
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                let member = self.name();
                if self.rest.starts_with('(') {
                    return self.call(text, &schema, member);
                }
                (text, schema) = (member, schema["properties"][member].clone());
            } else if self.rest.starts_with('[') {
                self.skip(self.rest.find(']').map_or(self.rest.len(), |end| end + 1));
                schema = element(&schema, self.size);
            } else {
                return self.operand(text, &schema);
            }
        }
    }

    fn call(&mut self, receiver: &str, schema: &Value, method: &str) {
        if LOOPS.contains(&method) {
            let rounds = self.bound(receiver, schema);
            self.loops.push((self.open + 1, rounds));
            self.open += 1;
            self.skip(1);
            let variable = self.name();
            self.names.insert(variable, element(schema, self.size));
            return;
        }
        let units = match method {
            "size" => 1,
            "find" | "matches" => SEARCH.saturating_mul(self.length(receiver, schema)),
            _ => self.length(receiver, schema),
        };
        self.pay(units);
    }

    /// A value that stands alone: whoever uses it reads it to its end, but a map is only asked for a key.
    fn operand(&mut self, name: &str, schema: &Value) {
        let units = match schema["type"].as_str() {
            Some("string") => self.length(name, schema),
            Some("array") => self.bound(name, schema),
            Some("object") if schema["properties"].is_object() => self.size / BYTES_PER_UNIT,
            _ => 1,
        };
        self.pay(units);
    }

    /// Most elements of a list or keys of a map.
    fn bound(&mut self, name: &str, schema: &Value) -> u64 {
        let bound = schema["maxItems"].as_u64().or(schema["maxProperties"].as_u64());
        bound.unwrap_or_else(|| self.without_bound(name))
    }

    /// Units for reading a text once.
    fn length(&mut self, name: &str, schema: &Value) -> u64 {
        let values = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let longest = values.map(str::len).max().and_then(|length| u64::try_from(length).ok());
        let bound = schema["maxLength"].as_u64().or(longest);
        1 + bound.unwrap_or_else(|| self.without_bound(name)) / BYTES_PER_UNIT
    }

    fn without_bound(&mut self, name: &str) -> u64 {
        self.estimate.unbounded.push(name.to_owned());
        REQUEST
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Schema of an element of a list, or of a key of a map: all keys together have at most `size` bytes.
fn element(schema: &Value, size: u64) -> Value {
    if schema["items"].is_object() {
        return schema["items"].clone();
    }
    let keys = schema["maxProperties"].as_u64().unwrap_or(1).max(1);
    json!({ "type": "string", "maxLength": size / keys })
}
