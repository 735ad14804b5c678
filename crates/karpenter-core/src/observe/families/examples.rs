//! One series in every family, so that names, types and labels can be listed: a family without series is not encoded.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Families;
use crate::model::ids::NodePoolName;
use crate::observe::cloud::Call;
use crate::observe::metrics::{ByPool, Created, Disruption, Sample, Terminated};
use crate::observe::metrics_disruption::DecisionLabels;
use crate::observe::metrics_termination::TerminatedNode;
use crate::observe::scheduler::Tally;

/// Stands for any value of a label.
const ANY: &str = "x";

impl Families {
    /// Puts one series into every family.
    pub fn exemplify(&self) {
        self.runner.started(ANY);
        self.runner.finished(ANY, false);
        self.runner.decided(ANY, 1.0);
        self.runner.panic(ANY);
        self.watch.error(ANY);
        self.watch.skipped(ANY);
        let call = Call { controller: ANY, method: ANY, provider: ANY };
        self.cloud.called(&call, Duration::ZERO);
        self.cloud.failed(&call, ANY);
        self.provisioning.created(&NodePoolName::from(ANY), false);
        self.exemplify_scheduler();
        self.exemplify_claims();
        self.exemplify_disruption();
        self.exemplify_termination();
    }

    fn exemplify_scheduler(&self) {
        // The series of a plan goes when the plan is made; this one is never made.
        std::mem::forget(self.scheduler.planning(ANY.to_owned(), 1));
        let by_zone = BTreeMap::from([(ANY.to_owned(), 1)]);
        self.scheduler.planned(&Tally { unschedulable: 1, unattempted: 1, ignored: 1, by_zone });
        self.scheduler.decided(Duration::ZERO);
        self.scheduler.bound(Duration::ZERO);
    }

    fn exemplify_claims(&self) {
        let any = ANY.to_owned();
        let pool = ByPool { nodepool: any.clone() };
        for sample in [
            Sample::ClaimDisrupted(disruption()),
            Sample::PodsDisrupted(disruption(), 1),
            Sample::ClaimTerminated(Terminated {
                nodepool: any.clone(),
                capacity_type: any.clone(),
                zone: any.clone(),
            }),
            Sample::ClaimTerminationSeconds(pool.clone(), 1.0),
            Sample::InstanceTerminationSeconds(pool, 1.0),
            Sample::NodeCreated(Created { nodepool: any.clone(), zone: any }),
        ] {
            self.claims.record(&sample);
        }
    }

    fn exemplify_disruption(&self) {
        let labels =
            DecisionLabels { decision: ANY, reason: ANY.to_owned(), consolidation_type: ANY };
        self.disruption.decided(&labels, [ANY]);
        self.disruption.eligible(ANY, 1);
        self.disruption.validation_failed(ANY, 1);
        self.disruption.given_up(&labels, 1);
        self.disruption.budget(ANY, ANY, 1, 1);
    }

    fn exemplify_termination(&self) {
        self.termination.eviction_answered(200);
        self.termination.pod_drained(ANY);
        self.termination.node_drained(ANY);
        self.termination.node_terminated(TerminatedNode {
            nodepool: ANY.to_owned(),
            zone: ANY.to_owned(),
            termination: Duration::ZERO,
            lifetime: Duration::ZERO,
        });
    }
}

fn disruption() -> Disruption {
    Disruption {
        reason: ANY,
        nodepool: ANY.to_owned(),
        capacity_type: ANY.to_owned(),
        consolidation_policy: ANY,
        termination_mode: ANY,
    }
}
