//! Flags of the process and their environment variables.

use clap::{Arg, CommandFactory};
use controller::options::Options;

use super::row;

/// The page.
pub(super) fn page() -> String {
    let mut page = String::from(
        "# Options\n\n\
         A flag wins over its variable, which wins over the default. A value that cannot be read ends the start.\n\n\
         | flag | variable | default | meaning |\n|---|---|---|---|\n",
    );
    let command = Options::command();
    for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
        page.push_str(&line(argument));
    }
    page
}

fn line(argument: &Arg) -> String {
    let flag = format!("`--{}`", argument.get_long().unwrap_or_default());
    let variable = argument.get_env().map(|name| format!("`{}`", name.to_string_lossy()));
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = match defaults.join(",") {
        none if none.is_empty() => String::new(),
        some => format!("`{some}`"),
    };
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<_> = argument
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() && argument.get_action().takes_values() {
        meaning = format!("{}: {}", meaning.trim_end_matches('.'), values.join(", "));
    }
    row([&*flag, &variable.unwrap_or_default(), &default, &meaning])
}
