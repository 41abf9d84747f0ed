//! Godot from Debian's own archive, unpacked into a private folder.
//!
//! A stable Debian has only an older Godot, so the package comes from the suite `sid` together with every
//! library that it needs, the C library too, and runs through that library's loader.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::project::symlink;
use super::{Launch, Loader};
use crate::debian::{self, Port, Source};
use crate::download::replace_folder;
use crate::tree;

/// Godot, and what a real window needs besides: Mesa's OpenGL.
const PACKAGES: [&str; 6] = ["godot", "libgl1", "libegl1", "libgl1-mesa-dri", "libglx-mesa0", "libegl-mesa0"];

/// The package that an earlier run downloaded.
pub fn downloaded() -> Option<Launch> {
    let root = folder();
    let port = Port::of_this_machine()?;
    root.is_dir().then(|| {
        // One of an older download lacks it.
        help_mesa(&root, port);
        launch(&root, port)
    })
}

/// Downloads the package; none if this is not a Debian-like system.
pub fn download(scratch: &Path) -> Result<Option<Launch>> {
    if !debian::has_apt() {
        return Ok(None);
    }
    let Some(port) = Port::of_this_machine() else { return Ok(None) };
    let mirrors = debian::mirrors()?;
    if mirrors.is_empty() {
        bail!("apt names no Debian archive");
    }
    let mut failure = None;
    for mirror in mirrors {
        match download_from(&mirror, port, scratch) {
            Ok(root) => {
                replace_folder(&root, &folder())?;
                help_mesa(&folder(), port);
                return Ok(Some(launch(&folder(), port)));
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(None), Err)
}

fn folder() -> PathBuf {
    tree::godot_downloads().join("debian-sid")
}

fn download_from(mirror: &str, port: &Port, scratch: &Path) -> Result<PathBuf> {
    let root = debian::unpack(&PACKAGES, &Source::Sid { mirror, port }, scratch)?;
    launch(&root, port).check()?;
    Ok(root)
}

/// Mesa's compiler looks for its libraries in `../lib` from its own folder, and then where the system has others. A Godot
/// that names the loader in itself opens no window without them.
fn help_mesa(root: &Path, port: &Port) {
    let link = root.join("usr/lib/lib");
    if !link.exists() {
        // Without it, that Godot is still good for everything else.
        let _ = symlink(Path::new(port.triplet), &link);
    }
}

fn launch(root: &Path, port: &Port) -> Launch {
    let libraries = root.join("usr/lib").join(port.triplet);
    let private = libraries.join("pulseaudio");
    Launch {
        program: root.join("usr/bin/godot"),
        loader: Some(Loader {
            path: root.join(port.loader),
            libraries: vec![libraries.clone(), private.clone(), root.join("usr/lib")],
            private,
        }),
        variables: vec![
            ("LIBGL_DRIVERS_PATH", libraries.join("dri").into()),
            ("GBM_BACKENDS_PATH", libraries.join("gbm").into()),
            ("__EGL_VENDOR_LIBRARY_DIRS", root.join("usr/share/glvnd/egl_vendor.d").into()),
            ("XKB_CONFIG_ROOT", root.join("usr/share/X11/xkb").into()),
        ],
    }
}
