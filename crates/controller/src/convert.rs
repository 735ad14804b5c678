//! `karpenter convert`: manifests of the older group become manifests of ours.
//!
//! Nothing is asked of a cluster and nothing is applied: YAML in, YAML out, warnings beside it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use alibaba_provider::legacy::documents::{DocumentError, convert_document};
use anyhow::{Context, ensure};
use clap::Args;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Most bytes of manifests.
const LIMIT: u64 = 16 << 20;

/// Prints ECSNodeClasses of karpenter.k8s.alibabacloud, and NodePools that use them, for karpenter.alibabacloud.com.
#[derive(Debug, Clone, Args)]
pub struct Convert {
    /// File with one or more YAML documents; `-` for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub filename: PathBuf,

    /// What the names of converted NodePools end in; both pools exist while nodes move.
    #[arg(long, default_value = "-alibabacloud")]
    pub suffix: String,
}

/// What was converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// Documents to apply.
    pub yaml: String,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Converts what `arguments` name: documents to `out`, warnings to `notes`.
///
/// # Errors
/// When the file cannot be read or a document cannot be converted.
pub fn run(
    arguments: &Convert,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> anyhow::Result<()> {
    let text = read(&arguments.filename)?;
    let converted = convert(&text, &arguments.suffix)?;
    for warning in &converted.warnings {
        writeln!(notes, "warning: {warning}")?;
    }
    out.write_all(converted.yaml.as_bytes())?;
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(LIMIT).read_to_string(&mut text)?;
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("open {}", path.display()))?;
        file.take(LIMIT).read_to_string(&mut text).context("the file is not text")?;
    }
    Ok(text)
}

/// Converts the YAML documents of `text` and the items of lists among them; empty documents are passed over, and so
/// are foreign ones, with a warning.
///
/// # Errors
/// When the text is not YAML, the spec of a class cannot be read, or there is nothing to convert.
pub fn convert(text: &str, suffix: &str) -> anyhow::Result<Converted> {
    let objects: Vec<Value> = serde_saphyr::from_multiple(text).context("the text is not YAML")?;
    let mut converted = Converted { yaml: String::new(), warnings: vec![] };
    for object in objects.iter().flat_map(items).filter(|object| !object.is_null()) {
        match convert_document(object, suffix) {
            Ok(document) => {
                let yaml = serde_saphyr::to_string(&document.object)?;
                converted.yaml += &format!("---\n{}\n", yaml.trim_end());
                converted.warnings.extend(document.warnings);
            }
            Err(error @ DocumentError::Foreign(_)) => {
                converted.warnings.push(format!("{error}; passed over"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    ensure!(!converted.yaml.is_empty(), "nothing to convert: {}", converted.warnings.join("; "));
    Ok(converted)
}

/// The objects of a list; any other object itself.
fn items(object: &Value) -> Vec<&Value> {
    match object["items"].as_array() {
        Some(items) if object["kind"] == "List" => items.iter().collect(),
        _ => vec![object],
    }
}
