//! Columns of custom kinds: `additionalPrinterColumns` of their definition.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json_path::JsonPath;
use super::text::scalar;
use super::{age, name};
use crate::object::{int_at, list, str_at};

/// One column of a custom kind.
#[derive(Debug, Clone)]
pub(crate) struct PrinterColumn {
    name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    value_type: String,
    format: String,
    description: String,
    priority: i64,
    path: JsonPath,
}

/// Columns of one version of a definition; the age alone when it names none.
///
/// A column whose path cannot be read is left out.
pub(crate) fn printer_columns(version: &Value) -> Vec<PrinterColumn> {
    let columns: Vec<PrinterColumn> =
        list(version, "/additionalPrinterColumns").iter().filter_map(column).collect();
    if columns.is_empty() {
        let age = json!({"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"});
        return column(&age).into_iter().collect();
    }
    columns
}

fn column(column: &Value) -> Option<PrinterColumn> {
    let text = |pointer| str_at(column, pointer).unwrap_or("").to_owned();
    Some(PrinterColumn {
        name: text("/name"),
        value_type: text("/type"),
        format: text("/format"),
        description: text("/description"),
        priority: int_at(column, "/priority").unwrap_or_default(),
        path: JsonPath::parse(str_at(column, "/jsonPath")?)?,
    })
}

/// Definitions of all columns, the name first.
pub(super) fn definitions(columns: &[PrinterColumn]) -> Vec<Value> {
    let name = json!({
        "name": "Name", "type": "string", "format": "name", "description": "", "priority": 0});
    let own = columns.iter().map(|column| {
        json!({
            "name": column.name, "type": column.value_type, "format": column.format,
            "description": column.description, "priority": column.priority,
        })
    });
    [name].into_iter().chain(own).collect()
}

/// Cells of one object; `null` where it has no value of the column's type.
pub(super) fn cells(columns: &[PrinterColumn], object: &Value, now: Timestamp) -> Vec<Value> {
    let own = columns.iter().map(|column| {
        let value = column.path.first(object).filter(|value| !value.is_null());
        value.map_or(Value::Null, |value| cell(&column.value_type, value, now))
    });
    [name(object)].into_iter().chain(own).collect()
}

fn cell(value_type: &str, value: &Value, now: Timestamp) -> Value {
    match value_type {
        "string" => json!(scalar(value)),
        "integer" if value.is_i64() || value.is_u64() => value.clone(),
        "number" if value.is_number() => value.clone(),
        "boolean" if value.is_boolean() => value.clone(),
        "date" => value.as_str().map_or(Value::Null, |at| json!(age::since(Some(at), now))),
        _ => Value::Null,
    }
}
