//! What the scene dock warns of: settings that cannot work.

use std::collections::HashSet;
use std::fs;
use std::net::IpAddr;

use godot::classes::Engine;
use godot::meta::ToGodot;
use godot::obj::Singleton as _;
use socketio_protocol::Endpoint;

use super::SocketIONode;
use crate::namespaces;
use crate::variant::encode;

impl SocketIONode {
    /// What cannot work, a sentence for each.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.url.is_empty() {
            match Endpoint::parse(&self.url.to_string()) {
                Ok(endpoint) => warnings.extend(self.warning_of(&endpoint)),
                Err(error) => warnings.push(error.to_string()),
            }
        } else if self.autoconnect && !self.share_singleton {
            warnings.push(
                "There is nothing to connect to: set the URL, such as \"http://127.0.0.1:3000\", or switch Autoconnect \
                 off."
                    .to_owned(),
            );
        }
        if let Err(error) = encode::auth(&self.auth.0) {
            warnings.push(format!("The auth cannot be sent: {}.", error.describe("auth")));
        }
        let mut paths = HashSet::new();
        for path in self.namespaces.as_slice() {
            let path = path.to_string();
            if let Err(refusal) = namespaces::check_path(&path) {
                warnings.push(format!("Among the namespaces, {refusal}."));
            } else if !paths.insert(path.clone()) {
                warnings.push(format!("Among the namespaces, \"{path}\" is there more than once."));
            }
        }
        warnings
    }

    /// What cannot work with a URL that is right in itself.
    fn warning_of(&self, endpoint: &Endpoint) -> Option<String> {
        let host = endpoint.host();
        let is_address = host.parse::<IpAddr>().is_ok();
        if endpoint.secure() && is_address && self.autoconnect {
            return Some(format!(
                "A certificate is seldom made out to an address such as {host}: set the URL with the server's name, or \
                 switch Autoconnect off and connect in a script, with TLSOptions."
            ));
        }
        if !endpoint.secure() && !is_address && host != "localhost" && exports_to_the_web() {
            return Some(
                "The project has an export preset for the Web, where a page that is served by https may not connect to \
                 http://: write https://. This addon has no library for the Web so far."
                    .to_owned(),
            );
        }
        None
    }
}

/// Whether the project has a preset for the Web. Asked in the editor only.
fn exports_to_the_web() -> bool {
    let Some(mut settings) = Engine::singleton().get_singleton("ProjectSettings") else { return false };
    let path = settings.call("globalize_path", &["res://export_presets.cfg".to_variant()]).to_string();
    fs::read_to_string(path).is_ok_and(|presets| presets.lines().any(|line| line == "platform=\"Web\""))
}
