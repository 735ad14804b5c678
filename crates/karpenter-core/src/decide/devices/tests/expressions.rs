//! Expressions that select devices.

use std::sync::Arc;

use crate::decide::devices::description::describe;
use crate::decide::devices::selector::{MAX_LINKS, Selectors, with_enough_stack};
use crate::model::device::AttributeValue;
use crate::testing::devices::device;

fn is_selected(expression: &str) -> Result<bool, String> {
    let gpu = device("gpu-0")
        .text("model", "a100")
        .attribute("cores", AttributeValue::Int(7))
        .attribute("other.example.com/ecc", AttributeValue::Bool(true))
        .attribute("version", AttributeValue::Version("1.10.0".into()))
        .attribute("broken", AttributeValue::Version("latest".into()))
        .capacity("memory", "80Gi")
        .shareable()
        .build();
    let selectors = Selectors::default();
    let described = describe("gpu.example.com", &gpu, &selectors);
    let program = selectors.compile(&Arc::from(expression))?;
    Ok(with_enough_stack(|| selectors.selects(program, &described)))
}

#[test]
fn expression_sees_what_the_driver_says_of_a_device() {
    for expression in [
        r#"device.driver == "gpu.example.com""#,
        r#"device.allowMultipleAllocations"#,
        r#"device.attributes["gpu.example.com"].model == "a100""#,
        r#"device.attributes["gpu.example.com"].model.startsWith("a")"#,
        r#"device.attributes["gpu.example.com"].cores > 6"#,
        r#"device.attributes["other.example.com"].ecc"#,
        r#"device.attributes["gpu.example.com"].version.isGreaterThan(semver("1.9.0"))"#,
        r#"device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) >= 0"#,
        r#"device.capacity["gpu.example.com"].memory == quantity("81920Mi")"#,
        r#"!has(device.attributes["nobody.example.com"].model)"#,
        r#"!("nobody.example.com" in device.attributes)"#,
        r#"!has(device.attributes["gpu.example.com"].broken)"#,
        r#"["a100", "h100"].exists(m, device.attributes["gpu.example.com"].model == m)"#,
    ] {
        assert_eq!(is_selected(expression), Ok(true), "{expression}");
    }
}

#[test]
fn expression_that_fails_on_a_device_does_not_select_it() {
    for expression in [
        r#"device.attributes["gpu.example.com"].missing == "x""#,
        r#"device.attributes["nobody.example.com"].model == "a100""#,
        r#"device.attributes["gpu.example.com"].cores == "7""#,
        r#"device.attributes["gpu.example.com"].model"#,
        r#"nobody > 0"#,
        r#"device.capacity["gpu.example.com"].memory.isLessThan(quantity("80Gi"))"#,
    ] {
        assert_eq!(is_selected(expression), Ok(false), "{expression}");
    }
}

#[test]
fn expression_that_cannot_be_read_says_what_is_wrong() {
    let nested = format!("{}true{}", "(".repeat(5000), ")".repeat(5000));
    let chained = format!("device{}", ".a".repeat(5000));
    let long = "a".repeat(20_000);
    for (expression, problem) in [
        ("device.", "ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'"),
        ("", "ERROR: <input>:1:1: Syntax error: mismatched input '<EOF>'"),
        ("cel.bind(x, 1, x > 0)", "function \"bind\" is not supported"),
        ("nonsense(device)", "function \"nonsense\" is not supported"),
        (&nested, "expression has more than"),
        (&chained, "expression has more than"),
        (&long, "expression has more than 10240 bytes"),
    ] {
        let found = is_selected(expression).expect_err(expression);
        assert!(found.starts_with(problem), "{found}");
    }
}

#[test]
fn deepest_expressions_fit_the_stack_of_any_thread() {
    let repeated = |open: &str, close: &str, n: usize| {
        format!("{}true{} == true", open.repeat(n), close.repeat(n))
    };
    let deep = [
        (format!("device{}", ".a".repeat(MAX_LINKS)), Ok(false)),
        (format!("1{} > 0", "+1".repeat(MAX_LINKS - 1)), Ok(true)),
        (format!("false{}", "||true".repeat(MAX_LINKS / 2)), Ok(true)),
        (repeated("(", ")", 40), Ok(true)),
        (repeated("[", "]", 40), Ok(false)),
        (repeated("true?true:", "", 120), Err(())),
    ];
    for kib in [256, 1280, 2048] {
        let deep = deep.clone();
        let check = move || {
            for (expression, answer) in deep {
                assert_eq!(is_selected(&expression).map_err(|_| ()), answer, "{expression}");
            }
        };
        let thread = std::thread::Builder::new().stack_size(kib << 10).spawn(check);
        thread.expect("there are threads").join().expect("it ends well");
    }
}
