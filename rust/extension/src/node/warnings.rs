//! What the scene dock warns of: settings that cannot work.

use std::collections::HashSet;
use std::net::IpAddr;

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
                Err(error) => warnings.push(error.to_string()),
                Ok(endpoint) if self.autoconnect && endpoint.secure() && is_address(endpoint.host()) => {
                    warnings.push(format!(
                        "A certificate is seldom made out to an address such as {}: set the URL with the server's name, or \
                         switch Autoconnect off and connect in a script, with TLSOptions.",
                        endpoint.host()
                    ));
                }
                Ok(_) => {}
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
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}
