//! Several scripts as one archive cloud-init understands.
//!
//! Source: cloud-init, MIME multi-part archives.

use sha2::{Digest, Sha256};

/// One part of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Media type with parameters.
    pub content_type: String,
    /// Text.
    pub body: String,
}

const SHELL: &str = "text/x-shellscript; charset=\"us-ascii\"";
const CLOUD_CONFIG: &str = "text/cloud-config; charset=\"us-ascii\"";

/// The parts of a user's text: the parts of an archive, or the text itself.
pub fn parts(user_data: &str) -> Vec<Part> {
    let text = user_data.replace("\r\n", "\n");
    let trimmed = text.trim_start();
    let is_archive = trimmed.starts_with("MIME-Version:") || trimmed.starts_with("Content-Type:");
    let archived = if is_archive { of_archive(trimmed) } else { None };
    archived.unwrap_or_else(|| {
        let is_config = trimmed.starts_with("#cloud-config");
        let content_type = if is_config { CLOUD_CONFIG } else { SHELL };
        vec![Part { content_type: content_type.to_owned(), body: text.clone() }]
    })
}

/// The part that holds a shell script.
pub fn shell(body: String) -> Part {
    Part { content_type: SHELL.to_owned(), body }
}

fn of_archive(text: &str) -> Option<Vec<Part>> {
    let (head, body) = text.split_once("\n\n")?;
    let boundary = parameter(&header(head, "content-type")?, "boundary")?;
    let closing = format!("\n--{boundary}--");
    let body = format!("\n{body}");
    let body = body.split(closing.as_str()).next()?;
    let delimiter = format!("\n--{boundary}\n");
    let parts = body.split(delimiter.as_str()).skip(1).map(|part| match part.split_once("\n\n") {
        Some((head, body)) => Part {
            content_type: header(head, "content-type").unwrap_or_else(|| SHELL.to_owned()),
            body: body.to_owned(),
        },
        None => shell(part.to_owned()),
    });
    Some(parts.collect())
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

/// One archive of all parts: scripts marked `stage="pre"` first, the others in the order given.
///
/// The boundary follows from the content, so that equal parts make equal archives.
pub fn archive(parts: &[Part]) -> String {
    let is_first = |part: &&Part| {
        part.content_type.starts_with("text/x-shellscript")
            && parameter(&part.content_type, "stage").as_deref() == Some("pre")
    };
    let first = parts.iter().filter(is_first);
    let ordered: Vec<&Part> = first.chain(parts.iter().filter(|part| !is_first(part))).collect();
    let boundary = boundary(&ordered);
    let mut text =
        format!("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\n");
    for part in ordered {
        let Part { content_type, body } = part;
        text += &format!("\n--{boundary}\nContent-Type: {content_type}\n\n{body}");
    }
    text + &format!("\n--{boundary}--\n")
}

fn boundary(parts: &[&Part]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.content_type.as_bytes());
        digest.update([0]);
        digest.update(part.body.as_bytes());
        digest.update([0]);
    }
    digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
