//! `cargo xtask package`: the zip that the Asset Library and the releases offer, and its checksum.

mod archive;
mod contents;
mod extension_file;
mod requirements;
mod third_party;
mod trial;

use std::path::{Path, PathBuf};

use anyhow::Result;

use self::contents::{Contents, Systems};
use crate::{portable, progress, tree};

pub use requirements::OLDEST_GLIBC;
pub use trial::test;

/// How to make the package.
#[derive(Debug, Default)]
pub struct Options {
    /// Whether to take the libraries that are installed in the addon, from wherever they come, and build none.
    pub prebuilt: bool,
}

/// Builds the libraries of this machine's platform and packs them with those of others that are installed.
pub fn run(options: &Options) -> Result<()> {
    if !options.prebuilt {
        portable::build_own(&tree::addon())?;
    }
    pack(&tree::addon(), Systems::Oldest, &tree::root().join("target/package"))?;
    Ok(())
}

/// Packs the libraries of a copy of the addon, and returns the zip, which is in `folder`.
fn pack(addon: &Path, systems: Systems, folder: &Path) -> Result<PathBuf> {
    progress::heading("Packing");
    let contents = Contents::new(contents::libraries_in(addon)?, systems)?;
    let archive = folder.join(file_name());
    let checksum = archive::write(&contents.files, &archive)?;
    for line in &contents.report {
        println!("{line}");
    }
    let platforms: Vec<String> = contents.platforms.iter().map(ToString::to_string).collect();
    println!("platforms: {}", platforms.join(", "));
    println!("{checksum}  {}", archive.display());
    Ok(archive)
}

fn file_name() -> String {
    format!("socketio-godot-{}.zip", env!("CARGO_PKG_VERSION"))
}
