//! Behaviour of disruption, one decision at a time.
