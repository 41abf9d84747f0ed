//! The clients that are compared, and how each is started.

use std::path::PathBuf;
use std::process::Command;

use super::engine::Engine;

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// The addon, polled as often as the game can.
    Addon,
    /// The same in the editor's binary, where the exported game is the addon's usual place.
    AddonInEditor,
    /// The addon in a game of 60 frames a second.
    AddonAt60,
    /// What a good developer would write by hand on WebSocketPeer.
    ByHand,
    ByHandAt60,
    /// The official client, in Node.js.
    JavaScript,
    Python,
    RustSocketIo,
    /// tungstenite and nothing else.
    Bare,
    /// tungstenite and serde_json.
    BareJson,
    /// The engine alone.
    EmptyEngine,
}

impl Client {
    /// Those that talk to a server, in the order of the tables.
    pub const ALL: [Self; 10] = [
        Self::Addon,
        Self::AddonInEditor,
        Self::AddonAt60,
        Self::ByHand,
        Self::ByHandAt60,
        Self::JavaScript,
        Self::Python,
        Self::RustSocketIo,
        Self::Bare,
        Self::BareJson,
    ];

    /// What the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Addon => "this addon",
            Self::AddonInEditor => "this addon, in the editor's binary",
            Self::AddonAt60 => "this addon, at 60 frames/s",
            Self::ByHand => "GDScript by hand",
            Self::ByHandAt60 => "GDScript by hand, at 60 frames/s",
            Self::JavaScript => "socket.io-client (Node.js)",
            Self::Python => "python-socketio",
            Self::RustSocketIo => "rust_socketio",
            Self::Bare => "bare tungstenite",
            Self::BareJson => "tungstenite + serde_json",
            Self::EmptyEngine => "the engine alone",
        }
    }

    /// What has to be there before it can run.
    pub fn needs(self) -> Need {
        match self {
            Self::JavaScript => Need::Node,
            Self::Python => Need::Python,
            Self::RustSocketIo | Self::Bare | Self::BareJson => Need::Rust,
            _ => Need::Godot,
        }
    }

    pub fn is_at_60(self) -> bool {
        matches!(self, Self::AddonAt60 | Self::ByHandAt60)
    }

    /// How much of a row's events it gets: what is much slower than the others would take the whole time.
    pub fn share(self) -> f64 {
        match self {
            Self::Python => 0.15,
            _ => 1.0,
        }
    }
}

/// What a client is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Godot,
    Node,
    Python,
    Rust,
}

/// The programs of the clients, as far as they were installed.
pub struct Programs {
    pub engine: Engine,
    /// The editor's binary, if the engine is another.
    pub editor: Option<Engine>,
    pub node: (PathBuf, PathBuf),
    pub python: Option<(PathBuf, PathBuf)>,
    pub rust: Option<PathBuf>,
}

impl Programs {
    /// Starts a client; none if it was not installed. The arguments of the task follow.
    pub fn command(&self, client: Client) -> Option<Command> {
        let script = |(program, script): &(PathBuf, PathBuf)| {
            let mut command = Command::new(program);
            command.arg(script);
            command
        };
        Some(match client {
            Client::Addon => godot(&self.engine, "addon", 0),
            Client::AddonInEditor => godot(self.editor.as_ref()?, "addon", 0),
            Client::AddonAt60 => godot(&self.engine, "addon", 60),
            Client::ByHand => godot(&self.engine, "by_hand", 0),
            Client::ByHandAt60 | Client::EmptyEngine => godot(&self.engine, "by_hand", 60),
            Client::JavaScript => script(&self.node),
            Client::Python => script(self.python.as_ref()?),
            Client::RustSocketIo => self.rust("rust-socketio")?,
            Client::Bare => self.rust("bare")?,
            Client::BareJson => self.rust("bare-json")?,
        })
    }

    fn rust(&self, client: &str) -> Option<Command> {
        let mut command = Command::new(self.rust.as_ref()?);
        command.args(["--client", client]);
        Some(command)
    }
}

fn godot(engine: &Engine, client: &str, fps: u32) -> Command {
    let mut command = engine.command();
    command.args(["--client", client, "--fps", &fps.to_string()]);
    command
}
