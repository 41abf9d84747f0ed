//! Godot's `TLSOptions` as options of the transport.

use godot::classes::TlsOptions as GodotTlsOptions;
use godot::obj::Gd;
use socketio_client::{Roots, TlsOptions, Verify};

/// Reads the options of a connection; without any, the system's roots and full verification.
///
/// # Errors
/// Options made by `TLSOptions.server`, which a client cannot use.
pub(crate) fn options(given: Option<Gd<GodotTlsOptions>>) -> Result<TlsOptions, &'static str> {
    let Some(given) = given else {
        return Ok(TlsOptions::default());
    };
    if given.is_server() {
        return Err("tls_options is for a server: use TLSOptions.client() or TLSOptions.client_unsafe()");
    }
    let roots = given
        .get_trusted_ca_chain()
        .map_or(Roots::System, |chain| Roots::Only(chain.clone().save_to_string().to_string().into_bytes()));
    let verify = if given.is_unsafe_client() { Verify::Unsafe } else { Verify::Full };
    let name = given.get_common_name_override().to_string();
    Ok(TlsOptions { roots, verify, common_name_override: (!name.is_empty()).then_some(name) })
}
