//! What a launch tries, in which order, and what it does about refusals.

mod attempts;
mod labels;
mod planning;
mod reserved;
mod settings;
