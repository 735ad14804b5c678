//! What users write: the kinds of the group `karpenter.sh`, their schema, defaults and validation.
//!
//! Nothing here decides anything; the logic ends at parse, default and validate.

pub mod labels;
pub mod v1;
