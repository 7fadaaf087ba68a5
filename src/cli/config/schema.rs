//! The file's shape as a JSON Schema, by which editors complete and check it.

use serde_json::{Map, Value, json};

use super::key::{Key, Kind};

/// The schema of a `descale.toml`. The draft is the newest one that editors' TOML plugins know well.
pub(crate) fn schema(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| (key.name.clone(), property(key)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "descale.toml",
        "description": "Standing choices of descale: each key is the long flag of that name, and a flag that is typed goes before it.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(key: &Key) -> Value {
    let values = key.values();
    let text = if values.is_empty() {
        json!({"type": "string"})
    } else {
        json!({"type": "string", "enum": values})
    };
    let defaults = key.defaults();
    let first = defaults.first();
    let (mut property, default) = match key.kind() {
        Kind::Flag => (json!({"type": "boolean"}), Some(json!(false))),
        Kind::Number => (
            json!({"type": "integer", "minimum": 0}),
            first
                .and_then(|number| number.parse::<u64>().ok())
                .map(Value::from),
        ),
        Kind::Text => (text, first.map(|text| json!(text))),
        Kind::List => (
            json!({"type": "array", "items": text}),
            Some(json!(defaults)),
        ),
    };
    property["description"] = json!(key.help());
    if let Some(default) = default {
        property["default"] = default;
    }
    property
}
