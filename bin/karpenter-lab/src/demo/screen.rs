//! The one place that prints: a story with virtual times, colours only on a terminal.

use std::io::IsTerminal;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// Where the story goes; cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    told: bool,
    colours: bool,
    start: Arc<Mutex<Option<Timestamp>>>,
}

/// Colours of the terminal's own palette.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    Green,
    Red,
    Yellow,
    Cyan,
    Dim,
    Bold,
}

impl Screen {
    /// A screen that tells the story, or only prints results.
    pub(crate) fn new(told: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stdout().is_terminal();
        Self { told, colours: !plain, start: Arc::default() }
    }

    /// Sets the instant that is shown as zero.
    pub(crate) fn begin(&self, at: Timestamp) {
        *self.start.lock() = Some(at);
    }

    /// A heading.
    pub(crate) fn act(&self, title: &str) {
        self.line("");
        self.line(&self.paint(Colour::Bold, &format!("── {title} ")));
    }

    /// Something that happened at `now`.
    pub(crate) fn tell(&self, now: Timestamp, mark: &str, text: &str) {
        let since =
            self.start.lock().map_or(SignedDuration::ZERO, |start| now.duration_since(start));
        let clock = format!("{:>4}:{:04.1}", since.as_secs() / 60, seconds_of_minute(since));
        self.line(&format!("{}  {mark} {text}", self.paint(Colour::Dim, &clock)));
    }

    /// A line of the story; nothing when the story is not told.
    pub(crate) fn line(&self, text: &str) {
        if self.told {
            self.result(text);
        }
    }

    /// A line that is always printed.
    #[expect(clippy::print_stdout, reason = "the result of a command line tool")]
    pub(crate) fn result(&self, text: &str) {
        println!("{text}");
    }

    /// `text` in `colour`, where colours are wanted.
    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Green => 32,
            Colour::Red => 31,
            Colour::Yellow => 33,
            Colour::Cyan => 36,
            Colour::Dim => 2,
            Colour::Bold => 1,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn seconds_of_minute(since: SignedDuration) -> f64 {
    since.as_secs_f64() % 60.0
}
