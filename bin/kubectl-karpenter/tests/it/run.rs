//! Running the plugin.

use clap::Parser;
use karpenter_core::clock::Clock;
use kubectl_karpenter::command::{self, CommandLine, Exit, Surroundings};
use serde_json::Value;

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error, by line.
    pub(crate) notes: Vec<String>,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("the output is JSON")
    }
}

/// Runs `simulate scheduling` with `arguments`; `input` is standard input.
pub(crate) fn simulate(arguments: &[&str], input: &str) -> Ran {
    let words = ["kubectl-karpenter", "simulate", "scheduling"]
        .into_iter()
        .chain(arguments.iter().copied());
    let line = CommandLine::try_parse_from(words).expect("the command line is right");
    let (mut out, mut notes) = (vec![], vec![]);
    let exit = command::run(
        &line,
        Surroundings {
            input: &mut input.as_bytes(),
            out: &mut out,
            notes: &mut notes,
            clock: Clock::system(),
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("the output is text");
    Ran { exit, out: text(out), notes: text(notes).lines().map(str::to_owned).collect() }
}

/// The plan for `yaml` as JSON, with what is said beside it.
pub(crate) fn plan(yaml: &str) -> Ran {
    simulate(&["-f", "-", "-o", "json"], yaml)
}

/// A NodePool of linux machines with amd64 processors, and a separator.
pub(crate) const POOL: &str = "\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: general }
spec:
  template:
    spec:
      requirements:
        - { key: kubernetes.io/os, operator: In, values: [linux] }
        - { key: kubernetes.io/arch, operator: In, values: [amd64] }
      nodeClassRef: { group: karpenter.kwok.sh, kind: KWOKNodeClass, name: default }
---
";

/// A pod that asks for one processor, and a separator; `more` are lines of its spec.
pub(crate) fn pod(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name} }}\nspec:\n  containers:\n    - name: main\n      \
         resources: {{ requests: {{ cpu: '1' }} }}\n{more}\n---\n"
    )
}

/// Names of all pods on new nodes, sorted.
pub(crate) fn pods_on_new_nodes(plan: &Value) -> Vec<&str> {
    let claims = plan["claims"].as_array().into_iter().flatten();
    let pods = claims.flat_map(|claim| claim["pods"].as_array().into_iter().flatten());
    let mut pods: Vec<&str> = pods.filter_map(Value::as_str).collect();
    pods.sort_unstable();
    pods
}
