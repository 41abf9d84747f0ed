//! Where things are in the repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The repository's root.
pub fn root() -> &'static Path {
    // The run-time variable comes first: a shared target directory may hold an xtask of another clone.
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let manifest = manifest.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        manifest.ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
    });
    &ROOT
}

/// What a game installs.
pub fn addon() -> PathBuf {
    root().join("addons/socketio")
}

/// The demo's Godot project.
pub fn demo_project() -> PathBuf {
    root().join("demo")
}

/// The Godot project of the integration tests.
pub fn test_project() -> PathBuf {
    root().join("godot-project")
}

/// The Godot project that reads the class documentation in the editor.
pub fn class_docs_project() -> PathBuf {
    root().join("tests/class-docs")
}

/// The Godot project that does to received data whatever a game may do to it.
pub fn data_fuzz_project() -> PathBuf {
    root().join("tests/data-fuzz")
}

/// Downloaded Godots and the home directory they run with.
pub fn godot_downloads() -> PathBuf {
    root().join("target/godot")
}

/// What the tests install besides Godot.
pub fn test_installs() -> PathBuf {
    root().join("target/tests")
}

/// The benchmarks: what is compared, and the committed results.
pub fn bench() -> PathBuf {
    root().join("tests/bench")
}

/// What the benchmarks build, install and measure.
pub fn bench_installs() -> PathBuf {
    root().join("target/bench")
}

/// The fuzz targets, with what they have reached.
pub fn fuzz() -> PathBuf {
    root().join("tests/fuzz")
}

/// What fuzzing builds and reaches.
pub fn fuzz_runs() -> PathBuf {
    root().join("target/fuzz")
}

/// A downloaded Redis, and what a running one needs.
pub fn redis() -> PathBuf {
    test_installs().join("redis")
}
