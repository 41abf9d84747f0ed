//! Makes the library depend on the C library alone: on Linux, Rust's standard library brings the shared `libgcc_s`
//! for unwinding, which is also there to be linked in.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // Zig's linker brings an unwinder of its own, for the C library of its target.
    if env::var("RUSTC_LINKER").is_ok_and(|linker| linker.contains("zig")) {
        return;
    }
    let target = env::var("TARGET").unwrap_or_default();
    let native = is("HOST", &target);
    let compiler = if native { "cc".to_owned() } else { format!("{}-gcc", target.replace("-unknown", "")) };
    let Ok(output) = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output() else {
        return;
    };
    let library = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // A compiler that does not have it answers with the name alone.
    if let Some(folder) = Path::new(&library).parent().filter(|folder| folder.is_absolute()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static:+whole-archive,-bundle=gcc_eh");
    }
}
