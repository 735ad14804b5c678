//! A large cluster in one server: many nodes and pods, written, watched, listed and reloaded.
//!
//! ```text
//! load [--nodes 10000] [--pods 150000] [--watches 20] [--seconds 10] [--output table|json]
//! ```
//! Progress goes to standard error, the result to standard output. Nothing is asserted.

mod objects;
mod options;
mod phases;
mod report;
mod watchers;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use kube_lite::{Config, KubeLite};

use crate::options::{Options, Output};
use crate::report::Report;
use crate::watchers::Watchers;

/// Changes kept per kind: a watch may lag this far behind.
const WINDOW: usize = 16_384;

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n{}", options::USAGE);
            return ExitCode::FAILURE;
        }
    };
    let dir = std::env::temp_dir().join(format!("kube-lite-load-{}", std::process::id()));
    let result = measure(&options, dir.clone()).await;
    let _ = std::fs::remove_dir_all(dir);
    match (result, options.output) {
        (Ok(report), Output::Table) => print!("{}", report.to_table()),
        (Ok(report), Output::Json) => println!("{}", report.to_json()),
        (Err(problem), _) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

async fn measure(options: &Options, dir: PathBuf) -> Result<Report, kube_lite::DataError> {
    let mut report = Report::default();
    let server = open(dir.clone())?;
    let api = server.router();
    let watchers = Watchers::start(&server, options.watches).await;
    phases::fill(&api, options, &mut report).await;
    let sent = phases::mixed(&api, options, &mut report).await;
    watchers.settle(&server).await;
    report.latency("watch delivery", watchers.stop(&sent).await);
    phases::full_list(&api, &mut report).await;
    report.number("peak memory before the restart", report::peak_mib(), "MiB");
    drop((api, server));
    let (server, took) = phases::timed(async || open(dir)).await;
    report.number("restart from the data directory", took.as_secs_f64() * 1e3, "ms");
    report.number("version after the restart", server?.resource_version() as f64, "");
    Ok(report)
}

fn open(dir: PathBuf) -> Result<KubeLite, kube_lite::DataError> {
    let start = jiff::Timestamp::UNIX_EPOCH;
    let mut config = Config::new(Arc::new(move || start), 1).watch_window(WINDOW).data(dir);
    config.max_write_records = 0;
    KubeLite::open(config)
}
