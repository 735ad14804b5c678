//! What is wrong with an object somebody wrote.

use std::fmt;

use super::Origin;

/// One object that is left out. Prints as one line: where, which object, which member, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where it is written.
    pub origin: Origin,
    /// Kind, namespace and name; empty while they are not known.
    pub object: String,
    /// Path of the member; empty when it is about all of the object.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        for part in [&self.object, &self.field].into_iter().filter(|part| !part.is_empty()) {
            write!(f, "{part}: ")?;
        }
        write!(f, "{}; {}", self.problem, self.fix)
    }
}
