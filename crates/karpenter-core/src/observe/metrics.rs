//! Metric families of the engine.
