//! How an instance becomes a node of the cluster.

use super::node_class::ECSNodeClassSpec;
use super::string_enum::string_enum;

string_enum! {
    /// Who writes the script that joins a node to the cluster.
    BootstrapMode {
        /// ACK where a cluster id is known, else Kubeadm.
        Auto = "Auto",
        /// The cluster service.
        Ack = "ACK",
        /// Nobody yet: accepted, and refused at runtime with its reason.
        Kubeadm = "Kubeadm",
        /// The user: userData is all an instance gets.
        Custom = "Custom",
    }
}

string_enum! {
    /// What user data does to the join script.
    UserDataPolicy {
        /// Runs beside it.
        Merge = "Merge",
        /// Takes its place.
        Replace = "Replace",
    }
}

impl ECSNodeClassSpec {
    /// The cluster nodes join: `clusterID`, else `process_wide`; empty when neither is set.
    pub fn effective_cluster_id<'a>(&'a self, process_wide: &'a str) -> &'a str {
        self.cluster_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(process_wide)
    }

    /// Who writes the join script, where `process_wide` is the cluster used when the spec names none; never `Auto`.
    pub fn effective_bootstrap_mode(&self, process_wide: &str) -> BootstrapMode {
        match self.bootstrap_mode.unwrap_or(BootstrapMode::Auto) {
            BootstrapMode::Auto if self.effective_cluster_id(process_wide).is_empty() => {
                BootstrapMode::Kubeadm
            }
            BootstrapMode::Auto => BootstrapMode::Ack,
            given => given,
        }
    }

    /// What user data does to the join script.
    pub fn effective_user_data_policy(&self) -> UserDataPolicy {
        self.user_data_policy.unwrap_or(UserDataPolicy::Merge)
    }

    /// Whether the user's data are all an instance gets, so that no join script is needed.
    pub fn replaces_join_script(&self) -> bool {
        let is_custom = self.bootstrap_mode == Some(BootstrapMode::Custom);
        let replaces = self.effective_user_data_policy() == UserDataPolicy::Replace;
        self.user_data.is_some() && (is_custom || replaces)
    }
}
