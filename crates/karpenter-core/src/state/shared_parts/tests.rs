use super::*;
use crate::testing::pods::pod;

fn shared(parts: &mut SharedParts, pod: Arc<Pod>) -> Arc<Pod> {
    let mut change = Change::Upsert(pod);
    parts.share(&mut change);
    let Change::Upsert(pod) = change else { panic!("a change keeps its kind") };
    pod
}

#[test]
fn equal_parts_are_one_and_others_stay_what_they_are() {
    let mut parts = SharedParts::default();
    let first = shared(&mut parts, pod("a").cpu("1").label("app", "x").build());
    let second = shared(&mut parts, pod("b").cpu("1").label("app", "y").build());
    let third = shared(&mut parts, pod("c").cpu("2").label("app", "x").build());
    assert!(Arc::ptr_eq(&first.requests, &second.requests));
    assert!(Arc::ptr_eq(&first.shape, &third.shape));
    assert_eq!(second, pod("b").cpu("1").label("app", "y").build());
}

#[test]
fn parts_that_nobody_uses_are_let_go() {
    let mut parts = SharedParts::default();
    let kept = shared(&mut parts, pod("kept").label("app", "kept").build());
    for at in 0..3 * FEW {
        shared(&mut parts, pod("a").label("app", &at.to_string()).build());
    }
    assert!(parts.shapes.known.len() <= FEW, "{}", parts.shapes.known.len());
    assert!(parts.shapes.known.contains(&kept.shape));
}
