use super::{side, workload};

#[test]
fn a_workload_is_the_same_every_time_and_one_fifth_of_each_kind() {
    let objects = workload::objects(100);
    assert_eq!(objects, workload::objects(100));
    let count = |pointer: &str| objects.iter().filter(|o| o.pointer(pointer).is_some()).count();
    assert_eq!(count("/spec/topologySpreadConstraints"), 40);
    assert_eq!(count("/spec/affinity/podAffinity"), 20);
    assert_eq!(count("/spec/affinity/podAntiAffinity"), 20);
    assert_eq!(objects.len(), 101);
}

#[test]
fn the_benchmark_has_four_hundred_types_with_five_offerings() {
    let rows = workload::catalog();
    assert_eq!(rows.len(), 400);
    assert!(rows.iter().all(|row| row.offerings.len() == 5));
    let price = rows[9].offerings[0].price;
    assert!((price - 3.147_483_648).abs() < 1e-9, "{price}");
}

#[test]
fn a_median_of_two_is_the_slower_one() {
    let side = side(vec![2.0, 1.0]);
    assert!((side.median_ms - 2.0).abs() < 1e-9 && (side.minimum_ms - 1.0).abs() < 1e-9);
}
