use std::collections::BTreeSet;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::Families;

#[test]
fn no_family_is_registered_twice_and_examples_leave_none_out() {
    let (families, mut registry) = (Families::default(), Registry::default());
    families.register(&mut registry);
    families.exemplify();
    let mut text = String::new();
    encode(&mut text, &registry).expect("text can be written");
    let helps: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# HELP ")).collect();
    let names: BTreeSet<_> = helps.iter().filter_map(|help| help.split(' ').next()).collect();
    assert_eq!(names.len(), helps.len(), "{helps:?}");
    let registered = format!("{registry:?}").matches("Descriptor {").count();
    assert_eq!(names.len(), registered, "families without an example are missing in {names:?}");
}
