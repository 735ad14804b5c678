//! Pure parts of deployments.

use serde_json::{Value, json};

use super::set::Limits;

#[test]
fn surge_is_rounded_up_and_unavailability_down_and_one_of_them_is_not_zero() {
    let rows: [(Value, Value, i64, (i64, i64)); 5] = [
        (json!("25%"), json!("25%"), 10, (3, 2)),
        (json!("25%"), json!("25%"), 1, (1, 0)),
        (json!(0), json!("25%"), 1, (0, 1)),
        (json!(2), json!(1), 10, (2, 1)),
        (json!(null), json!(null), 4, (1, 1)),
    ];
    for (surge, unavailable, wished, expected) in rows {
        let deployment = json!({"spec": {"strategy": {"rollingUpdate": {
            "maxSurge": surge, "maxUnavailable": unavailable}}}});
        let limits = Limits::of(&deployment, wished);
        assert_eq!((limits.surge, limits.unavailable), expected, "{deployment} of {wished}");
    }
}
