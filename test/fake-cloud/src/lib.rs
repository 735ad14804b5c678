//! fake-cloud.
