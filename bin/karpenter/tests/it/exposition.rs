//! What `/metrics` answers, read strictly.

use std::collections::BTreeMap;

/// Families by name.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    families: BTreeMap<String, Family>,
}

#[derive(Debug, Default)]
struct Family {
    kind: Option<String>,
    /// Value by series, name and labels as written.
    series: BTreeMap<String, f64>,
}

impl Exposition {
    /// Reads OpenMetrics text.
    ///
    /// # Panics
    /// When the text breaks a rule scrapers insist on: a family that is described twice, a series that stands twice
    /// or outside its family, a value that is no number, text after the end or no end.
    pub(crate) fn parse(text: &str) -> Self {
        let mut all = Self::default();
        let mut current = String::new();
        let mut lines = text.lines();
        for line in lines.by_ref() {
            if line == "# EOF" {
                assert_eq!(lines.next(), None, "text after the end");
                return all;
            }
            match line.strip_prefix("# ").map(|comment| comment.split(' ').collect::<Vec<_>>()) {
                Some(words) => all.describe(&mut current, &words),
                None => all.add(&current, line),
            }
        }
        panic!("no end:\n{text}");
    }

    fn describe(&mut self, current: &mut String, words: &[&str]) {
        match words {
            ["HELP", name, ..] => {
                let known = self.families.insert((*name).to_owned(), Family::default());
                assert!(known.is_none(), "{name} is described twice");
                (*name).clone_into(current);
            }
            ["TYPE", name, kind] => {
                let family = self.families.get_mut(*name).expect("help comes before the type");
                family.kind = Some((*kind).to_owned());
            }
            other => panic!("a comment of no known kind: {other:?}"),
        }
    }

    fn add(&mut self, current: &str, line: &str) {
        let (series, value) = line.rsplit_once(' ').expect("a value follows the series");
        assert!(series.starts_with(current), "{series} stands below {current}");
        let value = value.parse().expect("a value is a number");
        let family = self.families.get_mut(current).expect("a family comes first");
        let known = family.series.insert(series.to_owned(), value);
        assert_eq!(known, None, "{series} stands twice");
    }

    /// Sum of the series of `name` whose labels contain all of `labels`, each written `key="value"`.
    pub(crate) fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let of_name = |series: &str| series == name || series.starts_with(&format!("{name}{{"));
        let families = self.families.values().flat_map(|family| &family.series);
        families
            .filter(|(series, _)| of_name(series))
            .filter(|(series, _)| labels.iter().all(|label| series.contains(label)))
            .map(|(_, value)| value)
            .sum()
    }

    /// Type of the family `name`.
    pub(crate) fn kind(&self, name: &str) -> Option<&str> {
        self.families.get(name)?.kind.as_deref()
    }
}
