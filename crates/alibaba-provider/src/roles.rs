//! Whether instances may take on the role a class names.
//!
//! Source: Alibaba action GetRole; RAM, trust policies.

use alibaba_sdk::error::{ErrorKind, SdkError};
use alibaba_sdk::ram::{GetRole, RamApi};
use serde_json::Value;

use crate::api::conditions::{RAM_ROLE_READY, Verdict};

/// Who takes a role on for an instance.
const SERVICE: &str = "ecs.aliyuncs.com";
/// What it calls to do so.
const ACTION: &str = "sts:AssumeRole";

/// Judges the role called `name`; a class without one is fine.
///
/// # Errors
/// That of the call, unless it says that there is no such role.
pub async fn judge(ram: &dyn RamApi, name: Option<&str>) -> Result<Verdict, SdkError> {
    let Some(name) = name else { return Ok(Verdict::ok(RAM_ROLE_READY, "")) };
    let failed = |reason, message| Verdict::failed(RAM_ROLE_READY, reason, message);
    let role = match ram.get_role(&GetRole { role_name: name.to_owned() }).await {
        Ok(answer) => answer.role,
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message = format!("no RAM role {name}; create it or name another in spec.role");
            return Ok(failed("RoleNotFound", message));
        }
        Err(error) => return Err(error),
    };
    Ok(match role.trust_policy() {
        Err(error) => {
            let message = format!("the trust policy of RAM role {name} cannot be read: {error}");
            failed("InvalidPolicy", message)
        }
        Ok(policy) if !trusts_instances(&policy) => {
            let message = format!(
                "RAM role {name} does not trust {SERVICE}; allow it {ACTION} in the role's trust policy"
            );
            failed("InvalidAssumePolicy", message)
        }
        Ok(_) => Verdict::ok(RAM_ROLE_READY, ""),
    })
}

/// Whether a statement allows the service of instances to take the role on.
fn trusts_instances(policy: &Value) -> bool {
    let allows = |statement: &Value| {
        statement["Effect"] == "Allow"
            && has(&statement["Action"], ACTION)
            && has(&statement["Principal"]["Service"], SERVICE)
    };
    match &policy["Statement"] {
        Value::Array(statements) => statements.iter().any(allows),
        statement => allows(statement),
    }
}

/// Whether `text` is what is said, or one of a list.
fn has(said: &Value, text: &str) -> bool {
    match said {
        Value::Array(texts) => texts.iter().any(|said| said == text),
        said => said == text,
    }
}

#[cfg(test)]
mod tests;
