//! Downloads that are there whole or not at all, and are made once.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::progress;

/// Two tasks that start together must not download the same twice. The lock ends with the file that is returned.
pub fn lock(folder: &Path, what: &str) -> Result<File> {
    fs::create_dir_all(folder)?;
    let file = File::create(folder.join("download.lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            progress::say(&format!("another task is downloading {what}: waiting for it"));
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}

/// A folder for an unfinished download. What an interrupted run left in it is never taken for a whole one.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("unfinished");
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts a finished folder in its place in one move, so that it is there whole or not at all.
pub fn replace_folder(fresh: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::rename(fresh, place).with_context(|| format!("cannot make {}", place.display()))
}
