//! Passwords of the instances, and where they come from.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
const SHORTEST: usize = 8;
/// Most characters of a password.
const LONGEST: usize = 30;
/// Characters besides letters and digits a password may have.
const SIGNS: &str = r#"~!@#$%^&*()_+-=[]{}|\:;"'<>,.?/"#;

/// A password. Never in `Debug`; written out only where the object itself is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// `text` if the cloud takes it as a password: 8 to 30 letters, digits and signs.
    ///
    /// Source: Alibaba action RunInstances.
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || SIGNS.contains(c);
        let fits = (SHORTEST..=LONGEST).contains(&text.len());
        (fits && text.chars().all(is_allowed)).then(|| Self(text.to_owned()))
    }

    /// The text, for the request that sets it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl JsonSchema for Password {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r#"^[A-Za-z\d~!@#$%^&*()_+\-=\[\]{}|\\:;"'<>,.?/]{8,30}$"#,
            "maxLength": LONGEST,
        })
    }
}

/// Names a key of a Secret in the controller's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordSecretRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in its data.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}
