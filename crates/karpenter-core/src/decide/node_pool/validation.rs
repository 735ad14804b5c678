//! Whether a pool is free of mistakes that its schema does not find.

use crate::api::v1::conditions::{VALIDATION_SUCCEEDED, Verdict};
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::decide::draft::Draft;
use crate::model::validation::{ValidationRules, validate};

/// Longest message of a condition, in bytes.
const MESSAGE_LIMIT: usize = 32_768;

/// Judges the condition `ValidationSucceeded`; the message lists every mistake in a fixed order.
///
/// Source: Karpenter behaviour, NodePool validation. Differs: bounded, and in a fixed order.
pub(super) fn judge(draft: &mut Draft<PoolObject>, rules: &ValidationRules) {
    let problems = validate(&draft.object, rules);
    if problems.is_empty() {
        draft.set(Verdict::ok(VALIDATION_SUCCEEDED));
        return;
    }
    let texts: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
    let mut message = texts.join("; ");
    let fits = (0..=MESSAGE_LIMIT).rev().find(|end| message.is_char_boundary(*end));
    message.truncate(fits.unwrap_or_default());
    draft.set(Verdict::failed(VALIDATION_SUCCEEDED, "NodePoolValidationFailed", message));
}
