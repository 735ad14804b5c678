//! Secrets stay secret, also where everything is told about everything.

use std::io::Write;
use std::sync::Arc;

use alibaba_sdk::credentials::Credentials;
use fake_cloud::{FaultAnswer, FaultSpec};
use parking_lot::Mutex;
use scenarios::world::{World, run};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{
    CLASSES, condition, create, node_class, pod_for, until_condition, until_running, wide_pool,
};
use crate::undecodable::metrics;

const TOKEN: &str = "sts-token-of-nobody-7f3a";
const WRONG: &str = "wrong-secret-5c1e";

/// Collects what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Plays `story` with every log line of every crate of ours, and answers them.
fn logged(story: impl Future<Output = ()>) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || run(story));
    String::from_utf8_lossy(&lines.0.lock()).into_owned()
}

/// Everything people and dashboards can read of the world.
async fn visible(world: &World) -> String {
    let events = world.events().await.expect("events");
    let class = world.read(&format!("{CLASSES}/default")).await.expect("the class");
    let state = format!("{:?} {:?}", world.options, world.credentials);
    format!("{events:?}\n{class}\n{}\n{state}", metrics(world))
}

fn assert_silent(text: &str) {
    for secret in ["testsecret", TOKEN, WRONG] {
        assert!(!text.contains(secret), "{secret} shows");
    }
}

#[test]
fn keys_that_work_show_nowhere() {
    let log = logged(async {
        let mut world = World::new(90);
        create(&world, &[node_class("default"), wide_pool("general")]).await;
        world.cloud.fail("RunInstances", FaultSpec::once(FaultAnswer::BadGateway).times(2));
        world.start_controller().expect("options hold together");
        create(&world, &[pod_for("general", "p")]).await;
        until_running(&world, "p").await;
        assert_silent(&visible(&world).await);
    });
    assert!(log.contains("TRACE"), "everything is logged");
    assert_silent(&log);
}

#[test]
fn keys_and_tokens_that_are_refused_show_nowhere() {
    let log = logged(async {
        let mut world = World::new(91);
        let key = Credentials::access_key("testid", WRONG.into());
        world.credentials = key.with_security_token(TOKEN.into());
        create(&world, &[node_class("default"), wide_pool("general"), pod_for("general", "p")])
            .await;
        world.start_controller().expect("options hold together");
        let class = format!("{CLASSES}/default");
        until_condition(&world, &class, "VSwitchesReady", &["Unknown/CloudAPIError"]).await;
        assert!(!condition(&world, &class, "Ready").await.is_empty());
        assert_silent(&visible(&world).await);
    });
    assert!(log.contains("resolving failed"), "the refusal is logged");
    assert_silent(&log);
}
