//! The join script as words, so that settings are added without guessing at its text.
//!
//! The script pipes a downloaded program into `bash -s --` followed by flags. The flags are taken apart by the
//! quoting rules of POSIX shells; flags we do not know stay where they are.

use std::fmt;

/// What stands before the flags.
const MARKER: &str = "bash -s --";

/// A join script. Holds a bootstrap token, so it is not in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinScript {
    head: String,
    words: Vec<String>,
    tail: String,
}

/// Why a text is not a join script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The program is not called as expected.
    #[error("the join script does not call `bash -s --`")]
    NoProgram,
    /// A quote is not closed.
    #[error("the join script has an unclosed quote")]
    Unclosed,
}

impl JoinScript {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// [`ScriptError`]; never quotes the text, which holds a token.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let at = text.find(MARKER).ok_or(ScriptError::NoProgram)? + MARKER.len();
        let (head, rest) = text.split_at(at);
        let end = rest.find('\n').unwrap_or(rest.len());
        let (flags, tail) = rest.split_at(end);
        Ok(Self { head: head.to_owned(), words: words(flags)?, tail: tail.to_owned() })
    }

    /// The value of `--name`, given as the next word or after `=`; `None` when it is not there.
    pub fn flag(&self, name: &str) -> Option<&str> {
        let at = self.position(name)?;
        match self.words[at].split_once('=') {
            Some((_, value)) => Some(value),
            None => self.words.get(at + 1).map(String::as_str),
        }
    }

    /// Sets `--name` to `value`, in its place or at the end.
    pub fn set_flag(&mut self, name: &str, value: &str) {
        let Some(at) = self.position(name) else {
            self.words.extend([format!("--{name}"), value.to_owned()]);
            return;
        };
        if self.words[at].contains('=') {
            self.words[at] = format!("--{name}={value}");
        } else if at + 1 < self.words.len() {
            value.clone_into(&mut self.words[at + 1]);
        } else {
            self.words.push(value.to_owned());
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        let is_flag = |word: &String| {
            let own = word.strip_prefix("--").unwrap_or_default();
            own == name || own.split_once('=').is_some_and(|(key, _)| key == name)
        };
        self.words.iter().position(is_flag)
    }
}

/// The script as a shell reads it, with a first line that names the shell.
impl fmt::Display for JoinScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.head.starts_with("#!") {
            f.write_str("#!/bin/sh\n")?;
        }
        f.write_str(&self.head)?;
        for word in &self.words {
            write!(f, " {}", quote(word))?;
        }
        f.write_str(if self.tail.is_empty() { "\n" } else { &self.tail })
    }
}

impl fmt::Debug for JoinScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinScript({} words)", self.words.len())
    }
}

/// `word` in single quotes unless a shell reads it the same without.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Words by the quoting rules of POSIX shells, without expansion.
fn words(text: &str) -> Result<Vec<String>, ScriptError> {
    let (mut words, mut word) = (vec![], None::<String>);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(rest.next()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), ScriptError> {
    for c in rest {
        match c {
            '\'' => return Ok(()),
            other => word.push(other),
        }
    }
    Err(ScriptError::Unclosed)
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), ScriptError> {
    while let Some(c) = rest.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match rest.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => return Err(ScriptError::Unclosed),
            },
            other => word.push(other),
        }
    }
    Err(ScriptError::Unclosed)
}
