//! Reading parameters in the forms of the wire: scalars, `Name.N`, `Name.N.Field`, JSON in a string.
//!
//! Every name that a handler asks for is remembered; what is left over was sent in vain (a spelling
//! such as `KmsKeyId` for `KMSKeyId`, a list in the wrong form) and ends up in the call record.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use crate::error::ApiError;

/// Decoded parameters of one call, without those of the signature.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    read: RefCell<BTreeSet<String>>,
}

impl Params {
    /// Takes the parameters over; the first of two equal names wins.
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Params {
        let mut values = BTreeMap::new();
        for (name, value) in pairs {
            values.entry(name).or_insert(value);
        }
        Params { values, read: RefCell::default() }
    }

    /// All names and values, by name.
    pub(crate) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Names nobody asked for, sorted.
    pub(crate) fn unread(&self) -> Vec<String> {
        let read = self.read.borrow();
        self.values.keys().filter(|name| !read.contains(*name)).cloned().collect()
    }

    /// Marks parameters as known although nothing depends on them here.
    pub(crate) fn accept(&self, prefix: &str, names: &[&str]) {
        for name in names {
            self.raw(&format!("{prefix}{name}"));
        }
    }

    /// The text of a parameter, empty text included.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        let (name, value) = self.values.get_key_value(name)?;
        self.read.borrow_mut().insert(name.clone());
        Some(value)
    }

    /// The text of a parameter; empty counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// The text of a parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing(name))
    }

    /// A boolean; `True` and `False` are understood too.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name) {
            None => Ok(None),
            Some("true" | "True") => Ok(Some(true)),
            Some("false" | "False") => Ok(Some(false)),
            Some(_) => Err(ApiError::invalid(name)),
        }
    }

    /// A whole number of at least zero; `1.0` is understood as 1.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<u32>, ApiError> {
        self.number::<u32>(name, |text| text.strip_suffix(".0").unwrap_or(text))
    }

    /// A finite number.
    pub(crate) fn float(&self, name: &str) -> Result<Option<f64>, ApiError> {
        match self.number::<f64>(name, |text| text)? {
            Some(value) if !value.is_finite() => Err(ApiError::invalid(name)),
            value => Ok(value),
        }
    }

    /// `Name.1`, `Name.2`, … up to the first gap.
    ///
    /// # Errors
    /// `InvalidParameter` when the list came as one text under the bare name, the form of other
    /// actions.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, ApiError> {
        if self.values.contains_key(name) {
            return Err(ApiError::invalid(name));
        }
        Ok((1..).map_while(|n| self.raw(&format!("{name}.{n}"))).map(String::from).collect())
    }

    /// A JSON array of texts in one parameter.
    ///
    /// # Errors
    /// `InvalidParameter` when it is not such an array, or came in the form `Name.N`.
    pub(crate) fn json_list(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        if self.values.contains_key(&format!("{name}.1")) {
            return Err(ApiError::invalid(name));
        }
        let Some(text) = self.text(name) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|_| ApiError::invalid(name))
    }

    /// Prefixes `Name.1.`, `Name.2.`, … up to the first index without any field.
    pub(crate) fn structs(&self, name: &str) -> Vec<String> {
        (1..).map(|n| format!("{name}.{n}.")).take_while(|prefix| self.any_with(prefix)).collect()
    }

    /// The tags of a request, key by key, in the order sent; a missing value is `None`.
    pub(crate) fn tag_filters(&self, name: &str) -> Vec<(String, Option<String>)> {
        let pair = |prefix: String| {
            let key = self.raw(&format!("{prefix}Key"))?.to_owned();
            Some((key, self.raw(&format!("{prefix}Value")).map(String::from)))
        };
        self.structs(name).into_iter().filter_map(pair).collect()
    }

    fn any_with(&self, prefix: &str) -> bool {
        self.values
            .range(prefix.to_owned()..)
            .next()
            .is_some_and(|(name, _)| name.starts_with(prefix))
    }

    fn number<T: FromStr>(
        &self,
        name: &str,
        trim: impl Fn(&str) -> &str,
    ) -> Result<Option<T>, ApiError> {
        let parse = |text: &str| trim(text).parse().map_err(|_| ApiError::invalid(name));
        self.text(name).map(parse).transpose()
    }
}
