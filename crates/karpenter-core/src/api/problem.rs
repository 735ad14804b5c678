//! What is wrong with an object a user wrote.

/// One mistake in one object: which object, which field, and what to do about it.
///
/// Problems are data: the object that has one is left out of decisions, the others go on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{object}: {field}: {message}")]
pub struct Problem {
    /// Kind and name.
    pub object: String,
    /// Path of the field.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Problem {
    /// A mistake in `field` of `object`.
    pub fn new(
        object: impl Into<String>,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { object: object.into(), field: field.into(), message: message.into() }
    }
}
