//! What a pod asks for in total: containers, init containers, sidecars, pod level and overhead.

use super::resources::Resources;

/// What is known about one container's resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerResources {
    /// `resources.requests` of the spec.
    pub requests: Resources,
    /// An init container with `restartPolicy: Always`, which keeps running.
    pub sidecar: bool,
    /// `resources.requests` of the container's status, while the pod is resized in place.
    pub running: Option<Resources>,
    /// `allocatedResources` of the container's status.
    pub allocated: Option<Resources>,
}

/// Everything that adds up to the requests of a pod.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PodResources {
    /// Containers.
    pub containers: Vec<ContainerResources>,
    /// Init containers in the order they run.
    pub init_containers: Vec<ContainerResources>,
    /// `spec.resources.requests`: replaces the sum for the resources it names.
    pub pod_level: Resources,
    /// `spec.overhead`.
    pub overhead: Resources,
    /// The last resize was refused, so the spec no longer counts.
    pub resize_infeasible: bool,
}

impl PodResources {
    /// The requests a scheduler has to find room for; without the `pods` count.
    ///
    /// Source: Kubernetes component-helpers (`resource.PodRequests`).
    pub fn effective(&self) -> Resources {
        let mut total = Resources::default();
        for container in &self.containers {
            total.add_in_place(&self.of(container));
        }
        let mut sidecars = Resources::default();
        let mut initial = Resources::default();
        for container in &self.init_containers {
            let peak = if container.sidecar {
                let own = self.of(container);
                total.add_in_place(&own);
                sidecars.add_in_place(&own);
                sidecars.clone()
            } else {
                container.requests.add(&sidecars)
            };
            initial = initial.max(&peak);
        }
        total = total.max(&initial);
        if self.pod_level.iter().any(|(name, _)| name.is_pod_level()) {
            for (name, quantity) in self.pod_level.iter().filter(|(name, _)| name.is_pod_level()) {
                total.insert(name.clone(), quantity);
            }
        }
        total.add_in_place(&self.overhead);
        total
    }

    fn of(&self, container: &ContainerResources) -> Resources {
        let (Some(running), allocated) = (&container.running, &container.allocated) else {
            return container.requests.clone();
        };
        let spec =
            if self.resize_infeasible { Resources::default() } else { container.requests.clone() };
        spec.max(running).max(allocated.as_ref().unwrap_or(&Resources::default()))
    }
}
