//! Godot's `TLSOptions` as options of the transport.

use godot::builtin::{GString, Variant};
use godot::classes::RefCounted;
use godot::meta::FromGodot;
use godot::obj::Gd;
use socketio_client::{Roots, TlsOptions, Verify};

/// Reads the options of a connection; without any, the system's roots and full verification.
///
/// # Errors
/// Options made by `TLSOptions.server`, which a client cannot use.
pub(crate) fn options(given: Option<Gd<RefCounted>>) -> Result<TlsOptions, &'static str> {
    let Some(mut given) = given else {
        return Ok(TlsOptions::default());
    };
    if !given.is_class("TLSOptions") {
        return Err("tls_options must be made by TLSOptions.client() or TLSOptions.client_unsafe()");
    }
    if get::<bool>(&mut given, "is_server").unwrap_or(true) {
        return Err("tls_options is for a server: use TLSOptions.client() or TLSOptions.client_unsafe()");
    }
    let chain = get::<Option<Gd<RefCounted>>>(&mut given, "get_trusted_ca_chain").flatten();
    let roots = match chain {
        None => Roots::System,
        Some(mut chain) => {
            let pem: GString = get(&mut chain, "save_to_string").unwrap_or_default();
            Roots::Only(pem.to_string().into_bytes())
        }
    };
    let is_unsafe = get::<bool>(&mut given, "is_unsafe_client").unwrap_or(false);
    let verify = if is_unsafe { Verify::Unsafe } else { Verify::Full };
    let name: GString = get(&mut given, "get_common_name_override").unwrap_or_default();
    let name = name.to_string();
    Ok(TlsOptions { roots, verify, common_name_override: (!name.is_empty()).then_some(name) })
}

/// Calls a getter; nothing if it is not there or gives another type.
fn get<T: FromGodot>(object: &mut Gd<RefCounted>, getter: &str) -> Option<T> {
    let value: Variant = object.try_call(getter, &[]).ok()?;
    value.try_to().ok()
}
