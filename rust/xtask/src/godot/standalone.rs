//! A program that the kernel starts with libraries of its own.
//!
//! What runs through a loader is, for the kernel and for itself, the loader: `/proc/self/exe` names that. An editor would
//! start the loader for a game. A variable such as `LD_LIBRARY_PATH` is no way out, because a shell that the engine
//! starts would inherit it and break. So the loader and the folders of the libraries are written into a copy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use object_rewrite::Rewriter;

use super::{Launch, Loader};

/// A copy of `program`, beside it, that needs no loader to be named. It is made if it is not there, or if it does not
/// run: the repository may have been moved.
pub fn make(program: &Path, loader: &Loader) -> Result<PathBuf> {
    let name = |suffix: &str| {
        let mut name = program.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let copy = name("-standalone");
    if runs(&copy) {
        return Ok(copy);
    }
    // Written under a name of its own, since another task may do the same, and a program that runs cannot be written.
    let unfinished = name(&format!("-unfinished-{}", std::process::id()));
    fs::write(&unfinished, rewritten(&fs::read(program)?, loader)?)?;
    fs::set_permissions(&unfinished, fs::metadata(program)?.permissions())?;
    fs::rename(&unfinished, &copy)?;
    if !runs(&copy) {
        bail!("{} does not run", copy.display());
    }
    Ok(copy)
}

fn rewritten(program: &[u8], loader: &Loader) -> Result<Vec<u8>> {
    let mut rewriter = Rewriter::read(program)?;
    rewriter.elf_set_interpreter(loader.path.as_os_str().as_encoded_bytes().to_vec())?;
    // The older kind of path also counts for the libraries that the libraries need.
    rewriter.elf_set_runpath(loader.search_path().into_encoded_bytes())?;
    rewriter.elf_use_rpath()?;
    // It does not count for a library that names a path itself, so what that one needs is loaded before it.
    rewriter.elf_add_needed(&names_in(&loader.private)?)?;
    let mut copy = Vec::with_capacity(program.len());
    rewriter.write(&mut copy)?;
    Ok(copy)
}

fn names_in(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().into_encoded_bytes())).collect()
}

fn runs(program: &Path) -> bool {
    Launch::direct(program.to_path_buf()).check().is_ok()
}
