//! Where instances are put, and what the platform adds to them.

use super::string_enum::string_enum;

string_enum! {
    /// Which vSwitch is preferred.
    VSwitchSelectionPolicy {
        /// The cheapest offering first, ties by most free addresses.
        Cheapest = "cheapest",
        /// Most free addresses first, ties by price.
        Balanced = "balanced",
    }
}

string_enum! {
    /// How burstable types spend their credits.
    CreditSpecification {
        /// Within what they have earned.
        Standard = "Standard",
        /// Beyond it, at a price.
        Unlimited = "Unlimited",
    }
}

string_enum! {
    /// Whether public images get the cloud's security agent.
    SecurityEnhancementStrategy {
        /// They do.
        Active = "Active",
        /// They do not.
        Deactive = "Deactive",
    }
}

string_enum! {
    /// What becomes of local disks.
    InstanceStorePolicy {
        /// One striped volume for runtime and kubelet.
        Raid0 = "RAID0",
    }
}
