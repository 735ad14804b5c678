//! The command line.

/// How to call the program.
pub(crate) const USAGE: &str = "usage: load [--nodes N] [--pods N] [--watches N] [--seconds N] \
                                [--output table|json]";

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Table,
    Json,
}

/// What to measure.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) nodes: usize,
    pub(crate) pods: usize,
    pub(crate) watches: usize,
    /// Length of the phase of mixed requests.
    pub(crate) seconds: u64,
    pub(crate) output: Output,
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// A sentence about the first argument that cannot be read.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let output = Output::Table;
        let mut options = Self { nodes: 10_000, pods: 150_000, watches: 20, seconds: 10, output };
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
            let number = || value.parse::<usize>().map_err(|_| format!("{name}: not a number"));
            match name.as_str() {
                "--nodes" => options.nodes = number()?.max(1),
                "--pods" => options.pods = number()?.max(1),
                "--watches" => options.watches = number()?,
                "--seconds" => options.seconds = number()?.max(1) as u64,
                "--output" if value == "json" => options.output = Output::Json,
                "--output" if value == "table" => options.output = Output::Table,
                _ => return Err(format!("unknown argument: {name} {value}")),
            }
        }
        Ok(options)
    }
}
