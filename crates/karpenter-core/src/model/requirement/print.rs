//! How a requirement reads in messages.

use super::Requirement;
use crate::model::requirement::Operator;
use std::fmt;
use std::sync::Arc;

/// Values shown before the rest is only counted.
const MAX_SHOWN: usize = 5;

/// `key In [a b]`, `key Exists >=2 <=8 minValues 3`; of more than five values the rest is counted.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.operator())?;
        if matches!(self.operator(), Operator::In | Operator::NotIn) {
            write_values(&self.values, f)?;
        }
        if let Some(gte) = self.bounds.gte {
            write!(f, " >={gte}")?;
        }
        if let Some(lte) = self.bounds.lte {
            write!(f, " <={lte}")?;
        }
        match self.min_values {
            Some(min_values) => write!(f, " minValues {min_values}"),
            None => Ok(()),
        }
    }
}

fn write_values(values: &[Arc<str>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shown: Vec<&str> = values.iter().take(MAX_SHOWN).map(|value| &**value).collect();
    write!(f, " [{}", shown.join(" "))?;
    match values.len() - shown.len() {
        0 => f.write_str("]"),
        others => write!(f, " and {others} others]"),
    }
}
