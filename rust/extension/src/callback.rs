//! The game's callables: how they are kept, and how they are called.

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

/// A callable of the game's, kept to be called later.
///
/// A lambda that uses `self`, and a method that is an `@rpc`, know no more of a node than its address. Once the node is
/// freed, whatever asks them for it (a call, `is_valid`, a comparison, a text) takes whoever lies there then for it. So the
/// id of the object is taken when the callable is given, and the callable is not touched any more when the id is gone. To
/// copy and to drop it does not touch the object.
#[derive(Clone)]
pub(crate) struct Callback {
    callable: Callable,
    /// The callable, as it is called.
    variant: Variant,
    /// The object whose method or lambda it is, through `bind()` and `unbind()`; the script, of a lambda without `self`.
    /// Nothing for what has no object, such as `print`, a signal's `emit`, and functions of extensions.
    object: Option<InstanceId>,
}

/// Why a callback was not called.
pub(crate) enum NotCalled {
    /// Its object has been freed, or has no such method any more.
    Gone,
    /// It takes more arguments than it was given, at least so many.
    TooFewArguments(i32),
    /// What is wrong with its parameters, as the end of a sentence.
    Unfit(String),
}

impl Callback {
    /// Keeps a callable whose object lives.
    ///
    /// # Errors
    /// Why it cannot be called, as the end of a sentence.
    pub(crate) fn new(callable: &Callable) -> Result<Self, String> {
        if callable.is_null() {
            return Err("is an empty Callable".into());
        }
        if !callable.is_valid() {
            return Err("is not valid: its object was freed, or has no such method".into());
        }
        let object = callable.object_id();
        // The engine does not tell whose the inner one is.
        if object.is_none() && callable.to_string().starts_with("Callable::") {
            return Err("is a method of another Callable: give that Callable itself".into());
        }
        Ok(Self { callable: callable.clone(), variant: callable.to_variant(), object })
    }

    /// The callable, while its object lives.
    pub(crate) fn callable(&self) -> Option<&Callable> {
        self.is_alive().then_some(&self.callable)
    }

    /// The callable, while it can be called.
    pub(crate) fn valid(&self) -> Option<&Callable> {
        self.callable().filter(|callable| callable.is_valid())
    }

    pub(crate) fn object(&self) -> Option<InstanceId> {
        self.object
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
            _ if self.valid().is_none() => Err(NotCalled::Gone),
            sys::GDEXTENSION_CALL_ERROR_TOO_FEW_ARGUMENTS => Err(NotCalled::TooFewArguments(error.expected)),
            _ => Err(NotCalled::Unfit(describe(&error, &arguments))),
        }
    }

    /// Whether its object still lives. As a rule that is all that can change, and much quicker to ask for than
    /// `Callable.is_valid`, which goes through the methods of the script.
    fn is_alive(&self) -> bool {
        self.object.map_or_else(|| self.callable.is_valid(), InstanceId::lookup_validity)
    }
}

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.callable() {
            Some(callable) => callable.fmt(f),
            None => f.write_str("of a freed object"),
        }
    }
}

impl fmt::Display for NotCalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("its object was freed, or has no such method any more"),
            Self::TooFewArguments(least) => write!(f, "it takes at least {least} parameter(s)"),
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
    match error.error {
        sys::GDEXTENSION_CALL_ERROR_INVALID_ARGUMENT => {
            let given = usize::try_from(error.argument).ok().and_then(|index| arguments.get(index));
            let given = given.map(|value| value.get_type());
            let expected = VariantType::from_ord(error.expected);
            format!("its parameter {} {}", i64::from(error.argument) + 1, mismatch(expected, given))
        }
        sys::GDEXTENSION_CALL_ERROR_TOO_MANY_ARGUMENTS => {
            format!("it takes at most {} parameter(s)", error.expected)
        }
        _ => "it is not valid".to_owned(),
    }
}

/// What is wrong with a parameter of that type, as the end of a sentence.
fn mismatch(expected: VariantType, given: Option<VariantType>) -> String {
    let expected_name = type_name(expected);
    match given {
        None => format!("takes {expected_name}, which is not what is bound to it"),
        Some(VariantType::ARRAY) if expected == VariantType::ARRAY => {
            "is an array of one type, such as Array[Dictionary], but gets an Array of any: write data: Array"
                .into()
        }
        Some(VariantType::CALLABLE) => format!(
            "takes {expected_name}, but gets the Callable that answers the server: write ack: Callable, or give the \
             parameter a default value"
        ),
        Some(given) => {
            format!("takes {expected_name}, but gets {}: the data comes as one Array", type_name(given))
        }
    }
}

/// What GDScript calls a type.
pub(crate) fn type_name(kind: VariantType) -> String {
    godot::global::type_string(i64::from(kind.ord)).to_string()
}
