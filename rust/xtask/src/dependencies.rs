//! What the library needs of a player's machine: on Linux, the C library and nothing else.

use std::process::Command;

use anyhow::{Context, Result};

use crate::tally::Tally;
use crate::{library, progress};

/// The parts of the C library, and what the kernel and the loader add.
const C_LIBRARY: [&str; 7] =
    ["linux-vdso.so", "ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so"];

/// Checks the editor's library, as one test.
pub fn run(tally: &mut Tally) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    progress::heading("dependencies of the library");
    let output = Command::new("ldd")
        .arg(library::installed("editor"))
        .output()
        .context("`ldd` is missing: it comes with the C library")?;
    let foreign = foreign(&String::from_utf8_lossy(&output.stdout));
    println!("{} it needs the C library only", if foreign.is_empty() { "ok  " } else { "FAIL" });
    tally.check("dependencies: it needs the C library only", &foreign);
    Ok(())
}

/// Whether a library of this name is a part of the C library.
pub fn is_c_library(name: &str) -> bool {
    C_LIBRARY.iter().any(|part| name.starts_with(part))
}

/// The lines of ldd's answer that name something else; an empty answer is as bad.
fn foreign(answer: &str) -> Vec<String> {
    let mut lines = answer.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    if lines.peek().is_none() {
        return vec!["ldd said nothing".to_owned()];
    }
    let is_foreign = |line: &&str| {
        let name = line.split_whitespace().next().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        !is_c_library(name)
    };
    lines.filter(is_foreign).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const C_ONLY: &str = "\tlinux-vdso.so.1 (0x7f)\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n\t/lib64/ld-linux-x86-64.so.2 (0x7f)\n";

    #[test]
    fn the_c_library_alone_is_fine() {
        assert!(foreign(C_ONLY).is_empty());
    }

    #[test]
    fn everything_else_is_named() {
        let answer =
            format!("{C_ONLY}\tlibgcc_s.so.1 => /lib/libgcc_s.so.1 (0x7f)\n\tlibssl.so.3 => not found\n");
        assert_eq!(
            foreign(&answer),
            ["libgcc_s.so.1 => /lib/libgcc_s.so.1 (0x7f)", "libssl.so.3 => not found"]
        );
        assert_eq!(foreign(""), ["ldd said nothing"]);
    }
}
