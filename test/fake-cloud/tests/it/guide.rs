//! The guide: its commands are run, in order, against a cloud without signatures.
//!
//! Source: docs/guide/fake-cloud.md.

use fake_cloud::SignatureCheck;

use crate::lab::{Lab, raw};

const GUIDE: &str = include_str!("../../../../docs/guide/fake-cloud.md");
const BASE: &str = "http://127.0.0.1:4566";

/// One `curl` line: method, target, headers, body.
#[derive(Debug, Default)]
struct Curl {
    method: Option<String>,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// The words of a shell line; single quotes keep spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        match n % 2 {
            0 => words.extend(part.split_whitespace().map(String::from)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

fn parse(line: &str, id: &str) -> Curl {
    let mut curl = Curl::default();
    let mut rest = words(&line.replace("<id>", id)).into_iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-X" => curl.method = rest.next(),
            "-d" => curl.body = rest.next().unwrap(),
            "-H" => {
                let header = rest.next().unwrap();
                let (name, value) = header.split_once(": ").unwrap();
                curl.headers.push((name.to_lowercase(), value.to_owned()));
            }
            url => curl.target = url.strip_prefix(BASE).expect(url).to_owned(),
        }
    }
    let default = if curl.body.is_empty() { "GET" } else { "POST" };
    curl.method.get_or_insert_with(|| default.to_owned());
    curl
}

/// Commands of the `sh` blocks; a trailing `\` joins lines.
fn commands() -> Vec<String> {
    let joined = GUIDE.replace("\\\n", " ");
    let blocks = joined.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(|block| block.lines().map(String::from).collect::<Vec<_>>());
    lines.filter(|line| line.starts_with("curl ")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_commands_of_the_guide_work_in_their_order() {
    let lab = Lab::with(|config| config.signatures = SignatureCheck::Off);
    let commands = commands();
    assert!(commands.len() >= 15, "{}", commands.len());
    for command in commands {
        let id = lab.cloud.instances().last().map(|i| i.id.clone()).unwrap_or_default();
        let curl = parse(&command, &id);
        let headers: Vec<_> = curl.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let method = curl.method.as_deref().unwrap();
        let answer = lab.send(raw(method, &curl.target, &headers, &curl.body)).await.unwrap();
        assert_eq!(answer.status, 200, "{command}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_guide_names_every_endpoint() {
    let lab = Lab::new();
    let index = lab.send(raw("GET", "/__fake/", &[], "")).await.unwrap();
    for path in index.column("/endpoints", "path") {
        assert!(GUIDE.contains(&format!("`{path}`")), "{path} is not in the guide");
    }
}
