//! From an HTTP request to what is asked for.

mod body;
mod params;
mod path;

pub(crate) use self::body::{PatchType, decode, patch_type};
pub(crate) use self::params::{FieldValidation, Params};
pub(crate) use self::path::{Place, Route, parse};
