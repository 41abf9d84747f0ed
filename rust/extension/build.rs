//! Makes the library depend on the C library alone: on Linux, Rust's standard library brings the shared `libgcc_s`
//! for unwinding, which is also there to be linked in.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_zig = env::var("RUSTC_LINKER").is_ok_and(|linker| linker.contains("zig"));
    if is_zig && is("CARGO_CFG_TARGET_OS", "windows") {
        export_the_entry_alone();
    }
    // Zig's linker brings an unwinder of its own, for the C library of its target.
    if is_zig || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
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

/// Without a list of its own, Zig's linker exports every function of a library for Windows.
fn export_the_entry_alone() {
    let Some(folder) = env::var_os("OUT_DIR") else { return };
    let list = Path::new(&folder).join("exports.def");
    match fs::write(&list, "EXPORTS\n    socketio_godot_init\n") {
        Ok(()) => println!("cargo::rustc-link-arg-cdylib={}", list.display()),
        Err(error) => println!("cargo::warning=every function of the library is exported: {error}"),
    }
}
