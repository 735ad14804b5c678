//! The story: two NodePools, two deployments that come and go, and nothing left in the end.

use std::time::Duration;

use anyhow::Result;
use scenarios::audit::Observation;
use scenarios::manifests::{self, USER_NODE_CLASS, USER_NODE_POOL, WIDE_NODE_POOL};
use scenarios::world::World;
use serde_json::{Value, json};

use super::figures::{Figures, is_alive};
use super::narrator::Narrator;
use super::outcome::{Outcome, Step};
use super::screen::{Colour, Screen};

/// Replicas of the deployment that grows and shrinks.
const INFLATE: u32 = 150;
/// Replicas of the deployment on the user's own pool.
const STEADY: u32 = 6;
/// How often the narrator looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Longest virtual time a step may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A world with somebody who watches it.
struct Stage<'a> {
    world: World,
    screen: &'a Screen,
    figures: Figures,
    steps: Vec<Step>,
}

/// Tells the story of `seed` and answers how it ended.
pub(crate) async fn tell(seed: u64, screen: &Screen, narrator: &Narrator) -> Result<Outcome> {
    let mut world = World::new(seed);
    screen.begin(world.clock.now());
    narrator.follow(world.clock.clone());
    world.start_controller()?;
    let mut stage = Stage { world, screen, figures: Figures::default(), steps: vec![] };
    stage.play().await?;
    stage.end().await
}

impl Stage<'_> {
    async fn play(&mut self) -> Result<()> {
        self.set_up().await?;
        self.grow().await?;
        self.shrink().await?;
        self.close().await
    }

    async fn set_up(&mut self) -> Result<()> {
        self.screen.act("1  A NodePool and an ECSNodeClass, as users write them");
        for yaml in [USER_NODE_CLASS, USER_NODE_POOL, WIDE_NODE_POOL] {
            let object = self.world.apply_yaml(yaml).await?;
            let text = |pointer: &str| {
                object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            self.tell("+", &format!("applied {} {}", text("/kind"), text("/metadata/name")));
        }
        self.step("pools ready", |seen| seen.pools.len() == 2 && seen.pools.iter().all(is_ready))
            .await?;
        let path = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";
        let class: Value =
            self.world.client.request(http::Request::get(path).body(vec![])?).await?;
        let count = |pointer| class.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        self.tell(
            "✓",
            &format!(
                "node class found {} vSwitches, {} security groups, {} images; both pools are ready",
                count("/status/vSwitches"),
                count("/status/securityGroups"),
                count("/status/images"),
            ),
        );
        Ok(())
    }

    async fn grow(&mut self) -> Result<()> {
        self.screen.act("2  Pods that no node can take");
        let mut steady = manifests::deployment("steady", STEADY, "900m", "2Gi");
        steady["spec"]["template"]["spec"]["nodeSelector"] =
            json!({ "karpenter.sh/nodepool": "default" });
        self.world.apply(&steady).await?;
        self.tell("+", &format!("deployment steady: {STEADY} pods that ask for pool default"));
        let wanted = usize::try_from(STEADY)?;
        self.step("steady running", |seen| seen.n_running() == wanted).await?;
        let inflate = manifests::deployment("inflate", INFLATE, "1", "1536Mi");
        self.world.apply(&inflate).await?;
        self.tell("+", &format!("deployment inflate: {INFLATE} pods of 1 cpu and 1.5 GiB"));
        let wanted = usize::try_from(INFLATE + STEADY)?;
        self.step("all running", |seen| seen.n_running() == wanted).await?;
        let cost = self.figures.cost_per_hour_peak;
        self.tell("✓", &format!("all {wanted} pods run; the fleet costs {cost:.2} per hour"));
        Ok(())
    }

    async fn shrink(&mut self) -> Result<()> {
        self.screen.act("3  The deployment goes; its nodes follow");
        self.world.scale("inflate", 0).await?;
        self.tell("-", "deployment inflate scaled to 0");
        self.step("elastic nodes gone", |seen| n_claims_of(seen, "elastic") == 0).await?;
        self.tell("✓", "pool elastic gave every node back, drained first, terminated then");
        self.world.scale("steady", 0).await?;
        self.tell("-", "deployment steady scaled to 0");
        self.wait(Duration::from_secs(300)).await?;
        let left = n_claims_of(&self.world.observe().await?, "default");
        self.tell(
            "…",
            &format!("pool default keeps {left} empty nodes: its consolidateAfter is 720h"),
        );
        Ok(())
    }

    async fn close(&mut self) -> Result<()> {
        self.screen.act("4  The pool goes; nothing stays behind");
        self.world.delete("/apis/karpenter.sh/v1/nodepools/default").await?;
        self.tell("-", "NodePool default deleted, and with it the claims it owns");
        self.step("default nodes gone", |seen| {
            seen.claims.is_empty() && seen.nodes.is_empty() && seen.instances.is_empty()
        })
        .await?;
        self.tell("✓", "no claim, no node, no instance is left");
        self.step("at rest", |_| true).await?;
        Ok(())
    }

    /// Waits until `holds`, telling what happens meanwhile, and notes how long it took.
    async fn step(
        &mut self,
        name: &'static str,
        holds: impl Fn(&Observation) -> bool,
    ) -> Result<()> {
        let before = Step::begin(name, self.world.clock.now());
        let deadline = self.world.clock.now() + LIMIT;
        loop {
            let seen = self.look().await?;
            if holds(&seen) {
                self.steps.push(before.end(self.world.clock.now()));
                return Ok(());
            }
            if self.world.clock.now() > deadline {
                anyhow::bail!("not reached within {} minutes: {name}", LIMIT.as_secs() / 60);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn wait(&mut self, time: Duration) -> Result<()> {
        let until = self.world.clock.now() + time;
        while self.world.clock.now() < until {
            self.look().await?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn look(&mut self) -> Result<Observation> {
        let seen = self.world.observe().await?;
        if let Some(violation) = seen.violations().first() {
            anyhow::bail!("the auditor objects: {violation}");
        }
        let news = self.figures.look(&seen, &self.world.cloud);
        if news.claims > 0 {
            let launched = self.world.cloud.instances().iter().filter(|i| is_alive(i)).count();
            self.tell("·", &format!("{} claims, {launched} instances", seen.claims.len()));
        }
        if !news.nodes.is_empty() {
            let text = format!("{} nodes joined, {} in all", news.nodes.len(), seen.nodes.len());
            self.tell("·", &text);
        }
        if news.pods > 0 {
            self.tell("·", &format!("{} pods started, {} run", news.pods, seen.n_running()));
        }
        Ok(seen)
    }

    fn tell(&self, mark: &str, text: &str) {
        let colour = match mark {
            "✓" => Colour::Green,
            "+" | "-" => Colour::Bold,
            _ => Colour::Dim,
        };
        self.screen.tell(self.world.clock.now(), &self.screen.paint(colour, mark), text);
    }

    async fn end(mut self) -> Result<Outcome> {
        let stable = self.world.until_stable(LIMIT).await;
        let stopped = self.world.stop_controller().await;
        let seen = self.world.observe().await?;
        let problems = [stable.err(), stopped.err()].into_iter().flatten();
        let mut problems: Vec<_> = problems.map(|error| error.to_string()).collect();
        problems.extend(seen.leaks());
        Ok(Outcome::new(&self.world, &seen, &self.figures, self.steps, problems, INFLATE + STEADY))
    }
}

fn is_ready(pool: &karpenter_core::api::v1::nodepool::NodePool) -> bool {
    use karpenter_core::api::v1::conditions::HasConditions;
    pool.is_true("Ready")
}

fn n_claims_of(seen: &Observation, pool: &str) -> usize {
    use kube::ResourceExt;
    let of_pool = |label: Option<&String>| label.is_some_and(|name| name == pool);
    seen.claims.iter().filter(|c| of_pool(c.labels().get("karpenter.sh/nodepool"))).count()
}
