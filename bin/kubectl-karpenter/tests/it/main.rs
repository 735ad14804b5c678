//! The plugin in process: files in, text and exit code out.

mod guide;
mod input;
mod mistakes;
mod output;
mod run;
mod why;
