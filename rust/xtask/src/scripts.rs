//! The scripts in a folder of the test project.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder's GDScript files, in the order of their names.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut scripts = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gd") {
            scripts.push(path);
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// A script's file name without its ending.
pub fn name(script: &Path) -> String {
    script.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
