//! Calling the game's callables.

use std::cell::RefCell;

use godot::builtin::{StringName, Variant, VariantType};
use godot::obj::EngineEnum as _;
use godot::sys;

thread_local! {
    static CALL: RefCell<Option<StringName>> = const { RefCell::new(None) };
}

/// Calls a callable, which is given as a Variant, and returns its result. What the callee does wrong is reported by the engine, and the result is
/// then null.
///
/// # Errors
/// Why it could not be called, as the end of a sentence. `Callable.callv` would say nothing.
pub(crate) fn call<const N: usize>(callable: &Variant, arguments: [&Variant; N]) -> Result<Variant, String> {
    let method = CALL.with(|name| name.borrow_mut().get_or_insert_with(|| StringName::from("call")).clone());
    let pointers = arguments.map(Variant::var_sys);
    let count = N as i64;
    let mut error = sys::default_call_error();
    // SAFETY: all pointers are of values that live until the end of the call, and the call initialises the result.
    let result = unsafe {
        Variant::new_with_var_uninit(|result| {
            sys::interface_fn!(variant_call)(
                callable.var_sys().cast_mut(),
                method.string_sys(),
                pointers.as_ptr(),
                count,
                result,
                &raw mut error,
            );
        })
    };
    if error.error == sys::GDEXTENSION_CALL_OK { Ok(result) } else { Err(describe(&error, &arguments)) }
}

/// Forgets what must not outlive the engine.
pub(crate) fn forget_names() {
    CALL.with(|name| drop(name.borrow_mut().take()));
}

fn describe(error: &sys::GDExtensionCallError, arguments: &[&Variant]) -> String {
    let parameter = i64::from(error.argument) + 1;
    match error.error {
        sys::GDEXTENSION_CALL_ERROR_INVALID_ARGUMENT => {
            let expected = type_name(VariantType::from_ord(error.expected));
            let given = usize::try_from(error.argument).ok().and_then(|index| arguments.get(index));
            let given = given.map_or_else(String::new, |value| type_name(value.get_type()));
            format!(
                "its parameter {parameter} takes {expected}, but gets {given}: the data comes as one Array"
            )
        }
        sys::GDEXTENSION_CALL_ERROR_TOO_FEW_ARGUMENTS => {
            format!("it takes at least {} parameter(s)", error.expected)
        }
        sys::GDEXTENSION_CALL_ERROR_TOO_MANY_ARGUMENTS => {
            format!("it takes at most {} parameter(s)", error.expected)
        }
        _ => "it is not valid".to_owned(),
    }
}

fn type_name(kind: VariantType) -> String {
    godot::global::type_string(i64::from(kind.ord)).to_string()
}
