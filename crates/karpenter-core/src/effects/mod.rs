//! Doing it: every write to the cluster and every call to the cloud. Effects carry plans out and decide nothing.
