//! Calling the game's callables.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use godot::builtin::{Callable, StringName, Variant, VariantType};
use godot::meta::ToGodot;
use godot::obj::{EngineEnum as _, InstanceId};
use godot::sys;

thread_local! {
    /// Shared without the engine: a copy of a `StringName` costs as much as the rest of a call here.
    static CALL: RefCell<Option<Rc<StringName>>> = const { RefCell::new(None) };
}

/// A callable of the game's, ready to be called.
#[derive(Clone)]
pub(crate) struct Callback {
    callable: Callable,
    /// The callable, as it is called.
    variant: Variant,
    /// The object whose method it is; nothing for a lambda and for what else has code of its own.
    object: Option<InstanceId>,
}

/// Why a callback was not called.
pub(crate) enum NotCalled {
    /// Its object has been freed, or has no such method any more.
    Gone,
    /// What is wrong with its parameters, as the end of a sentence.
    Unfit(String),
}

impl Callback {
    pub(crate) fn new(callable: &Callable) -> Self {
        let object = if callable.is_custom() { None } else { callable.object_id() };
        Self { callable: callable.clone(), variant: callable.to_variant(), object }
    }

    pub(crate) fn callable(&self) -> &Callable {
        &self.callable
    }

    /// Calls it and returns its result. What the callee does wrong is reported by the engine, and the result is then
    /// null. Nothing may be borrowed.
    ///
    /// # Errors
    /// Why it could not be called. `Callable.callv` would say nothing.
    pub(crate) fn call<const N: usize>(&self, arguments: [&Variant; N]) -> Result<Variant, NotCalled> {
        // An engine without debug checks crashes when it calls a method of an object that is gone.
        if !self.is_alive() {
            return Err(NotCalled::Gone);
        }
        let mut error = sys::default_call_error();
        let result = call(&self.variant, arguments, &mut error);
        match error.error {
            sys::GDEXTENSION_CALL_OK => Ok(result),
            _ if !self.callable.is_valid() => Err(NotCalled::Gone),
            _ => Err(NotCalled::Unfit(describe(&error, &arguments))),
        }
    }

    /// Whether its object still lives. For a method that is all that can change as a rule, and much quicker to ask for
    /// than `Callable.is_valid`, which goes through the methods of the script.
    fn is_alive(&self) -> bool {
        self.object.map_or_else(|| self.callable.is_valid(), InstanceId::lookup_validity)
    }
}

impl fmt::Display for NotCalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("it is not valid"),
            Self::Unfit(problem) => f.write_str(problem),
        }
    }
}

/// Forgets what must not outlive the engine.
pub(crate) fn forget_names() {
    CALL.with(|name| drop(name.borrow_mut().take()));
}

/// Calls a callable that is alive.
fn call<const N: usize>(
    callable: &Variant,
    arguments: [&Variant; N],
    error: &mut sys::GDExtensionCallError,
) -> Variant {
    let method =
        CALL.with(|name| name.borrow_mut().get_or_insert_with(|| Rc::new(StringName::from("call"))).clone());
    let pointers = arguments.map(Variant::var_sys);
    // SAFETY: all pointers are of values that live until the end of the call, and the call initialises the result.
    unsafe {
        Variant::new_with_var_uninit(|result| {
            sys::interface_fn!(variant_call)(
                callable.var_sys().cast_mut(),
                method.string_sys(),
                pointers.as_ptr(),
                N as i64,
                result,
                error,
            );
        })
    }
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
