//! `cargo xtask package`: the zip that the Asset Library and the releases offer, and its checksum.

mod archive;
mod contents;
mod extension_file;
mod requirements;
mod third_party;
mod trial;

use std::path::PathBuf;

use anyhow::Result;

use self::contents::{Contents, Profile};
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
        portable::build_own()?;
    }
    progress::heading("Packing");
    let contents = Contents::new(contents::installed_libraries()?, Profile::Release)?;
    let archive = path();
    let checksum = archive::write(&contents.files, &archive)?;
    for line in &contents.report {
        println!("{line}");
    }
    let platforms: Vec<String> = contents.platforms.iter().map(ToString::to_string).collect();
    println!("platforms: {}", platforms.join(", "));
    println!("{checksum}  {}", archive.display());
    Ok(())
}

fn path() -> PathBuf {
    tree::root().join("target/package").join(file_name())
}

fn file_name() -> String {
    format!("socketio-godot-{}.zip", env!("CARGO_PKG_VERSION"))
}
