//! Scripted transport.
