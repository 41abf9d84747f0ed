//! What a library needs of a player's machine, read from its file: on Linux the C library alone, and an old one; on
//! Windows what every one has.

use std::fmt;

use anyhow::{Context, Result, bail};
use goblin::elf::Elf;
use goblin::elf::header::{EM_AARCH64, EM_X86_64};
use goblin::pe::PE;
use goblin::pe::header::{COFF_MACHINE_ARM64, COFF_MACHINE_X86_64};

use crate::dependencies;

const MIB: usize = 1024 * 1024;
/// The largest library of a game, for one processor: every player downloads it. For Linux x86_64 it has 6.9 MiB. OpenSSL is
/// half of that with its relocations, and 0.7 MiB of it are AES-GCM for AVX-512, which its Configure cannot leave out. This
/// addon has 1 MiB, gdext 0.5, and the rest is Rust's own library, what the tables for unwinding need, and URLs. The limit
/// leaves a sixth to grow. Before it is raised, a map of the linker (`-Clink-arg=-Wl,-Map=FILE`) should show for what.
const LARGEST_FOR_GAMES: usize = 8 * MIB;
/// The largest library of the editor, for one processor: no player gets it. It has 1.6 MiB more: the tables of all of the
/// engine's functions are 1, and the inspector and the class reference the rest.
const LARGEST_FOR_EDITOR: usize = 10 * MIB;
/// In the name of a library with the code for two processors.
const UNIVERSAL: &str = ".universal.";
/// The oldest C library that a package runs with: that of the oldest systems that Rust itself supports.
pub const OLDEST_GLIBC: Glibc = Glibc(2, 17);
const VERSION_PREFIX: &str = "GLIBC_";
/// What the engine looks up in a library, as `socketio.gdextension` names it.
const ENTRY_SYMBOL: &str = "socketio_godot_init";
/// The libraries of Windows 10 and later. The C++ compiler's own, such as `vcruntime140.dll`, must be installed.
const WINDOWS: [&str; 10] = [
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "crypt32.dll",
    "kernel32.dll",
    "ncrypt.dll",
    "ntdll.dll",
    "secur32.dll",
    "userenv.dll",
    "ws2_32.dll",
];
/// What Windows has under names of this kind, the C library among it.
const WINDOWS_PREFIX: &str = "api-ms-win-";

/// A version of the GNU C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc(pub u32, pub u32);

impl Glibc {
    /// Reads the name of a version of symbols, such as `GLIBC_2.2.5`.
    fn of_symbols(version: &str) -> Option<Self> {
        let mut numbers = version.strip_prefix(VERSION_PREFIX)?.split('.').map(str::parse);
        Some(Self(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The most bytes that a library of this name may have.
pub fn largest(path: &str) -> usize {
    let limit = if path.contains(".editor.") { LARGEST_FOR_EDITOR } else { LARGEST_FOR_GAMES };
    if path.contains(UNIVERSAL) { 2 * limit } else { limit }
}

/// Reads a library for Linux, refuses one that needs more than the C library, and returns the oldest version of that one
/// that has all the symbols.
pub fn glibc(library: &[u8]) -> Result<Glibc> {
    let elf = Elf::parse(library).context("the file is no library for Linux")?;
    if let Some(foreign) = elf.libraries.iter().find(|name| !dependencies::is_c_library(name)) {
        bail!("it needs {foreign}, and a player's machine has the C library only");
    }
    let defines = |symbol: &goblin::elf::Sym| {
        !symbol.is_import() && elf.dynstrtab.get_at(symbol.st_name) == Some(ENTRY_SYMBOL)
    };
    if !elf.dynsyms.iter().any(|symbol| defines(&symbol)) {
        bail!("it has no `{ENTRY_SYMBOL}`, which the engine calls");
    }
    let needs = elf.verneed.context("it needs no version of any library")?;
    let mut newest = None;
    for library in &needs {
        for version in &library {
            let name = elf.dynstrtab.get_at(version.vna_name).context("a version without a name")?;
            newest = newest.max(Glibc::of_symbols(name));
        }
    }
    newest.context("it needs no version of the C library")
}

/// What Godot calls the processor of a library for Linux or Windows. None of another file.
pub fn processor(library: &[u8]) -> Option<&'static str> {
    if let Ok(elf) = Elf::parse(library) {
        return match elf.header.e_machine {
            EM_X86_64 => Some("x86_64"),
            EM_AARCH64 => Some("arm64"),
            _ => None,
        };
    }
    match PE::parse(library).ok()?.header.coff_header.machine {
        COFF_MACHINE_X86_64 => Some("x86_64"),
        COFF_MACHINE_ARM64 => Some("arm64"),
        _ => None,
    }
}

/// Reads a library for Windows and refuses one that needs more than Windows has.
pub fn check_windows(library: &[u8]) -> Result<()> {
    let pe = PE::parse(library).context("the file is no library for Windows")?;
    if let Some(foreign) = pe.libraries.iter().find(|name| !is_of_windows(name)) {
        bail!("it needs {foreign}, and not every Windows has that");
    }
    if !pe.exports.iter().any(|export| export.name == Some(ENTRY_SYMBOL)) {
        bail!("it has no `{ENTRY_SYMBOL}`, which the engine calls");
    }
    Ok(())
}

fn is_of_windows(name: &str) -> bool {
    let name = name.to_lowercase();
    WINDOWS.contains(&name.as_str()) || name.starts_with(WINDOWS_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |name| Glibc::of_symbols(name).unwrap();
        assert!(version("GLIBC_2.2.5") < version("GLIBC_2.17"));
        assert!(version("GLIBC_2.17") <= OLDEST_GLIBC && version("GLIBC_2.34") > OLDEST_GLIBC);
        assert_eq!(Glibc::of_symbols("GCC_3.0"), None);
        assert_eq!(version("GLIBC_2.35").to_string(), "2.35");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_runs_here_is_read() {
        // This very test: it needs the C library, and libgcc_s for unwinding.
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = glibc(&program).unwrap_err().to_string();
        assert_eq!(error, "it needs libgcc_s.so.1, and a player's machine has the C library only");
        assert!(glibc(b"no library").is_err());
    }

    #[test]
    fn what_every_windows_has_is_told_from_what_is_installed() {
        for name in ["KERNEL32.dll", "ws2_32.dll", "api-ms-win-crt-heap-l1-1-0.dll"] {
            assert!(is_of_windows(name), "{name}");
        }
        for name in ["vcruntime140.dll", "libgcc_s_seh-1.dll", "libssl-3-x64.dll"] {
            assert!(!is_of_windows(name), "{name}");
        }
        assert!(check_windows(b"no library").is_err());
    }
}
