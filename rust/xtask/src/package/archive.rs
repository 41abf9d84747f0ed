//! The zip: the same bytes for the same files, whenever and wherever it is made.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::checksum;

/// The files of an archive by their paths in it, in the order in which they are written.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Writes the archive, and beside it a file with its checksum, as `sha256sum --check` reads it.
pub fn write(files: &Files, archive: &Path) -> Result<String> {
    let folder = archive.parent().context("the archive has no folder")?;
    fs::create_dir_all(folder)?;
    let file = File::create(archive).with_context(|| format!("cannot write {}", archive.display()))?;
    let mut zip = ZipWriter::new(file);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, content) in files {
        zip.start_file(path, options)?;
        zip.write_all(content)?;
    }
    zip.finish()?;
    let checksum = checksum::of_file(archive)?;
    let name = archive.file_name().context("the archive has no name")?.to_string_lossy();
    fs::write(archive.with_file_name(format!("{name}.sha256")), format!("{checksum}  {name}\n"))?;
    Ok(checksum)
}

/// Unpacks an archive into a folder, as a user does.
pub fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    let file = File::open(archive).with_context(|| format!("cannot read {}", archive.display()))?;
    zip::ZipArchive::new(file)?.extract(folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-archive-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn the_same_files_make_the_same_bytes() {
        let folder = folder("same");
        let files = Files::from([("b/x".to_owned(), b"some text".repeat(99)), ("a".to_owned(), Vec::new())]);
        let first = write(&files, &folder.join("1/a.zip")).unwrap();
        assert_eq!(write(&files, &folder.join("2/a.zip")).unwrap(), first);
        let line = fs::read_to_string(folder.join("1/a.zip.sha256")).unwrap();
        assert_eq!(line, format!("{first}  a.zip\n"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let folder = folder("again");
        let files = Files::from([("addons/x/y.txt".to_owned(), b"text".to_vec())]);
        write(&files, &folder.join("a.zip")).unwrap();
        unpack(&folder.join("a.zip"), &folder.join("out")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("out/addons/x/y.txt")).unwrap(), "text");
        fs::remove_dir_all(folder).unwrap();
    }
}
