//! What the engine tells of the parameters of a game's callables.

use std::fmt;

use godot::builtin::{AnyArray, Array, Callable, GString, StringName, VarDictionary, Variant, VariantType};
use godot::classes::{Object, Script};
use godot::meta::{FromGodot, ToGodot};
use godot::obj::{EngineEnum as _, Gd};
use godot::register::info::PropertyHint;

use crate::callback::type_name;

/// How a listener is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With the data.
    Data,
    /// With the data and the callable that answers the server.
    DataAndAck,
    /// With the data; if that is too little, with the ack as well. For lambdas, of which the engine tells neither the
    /// types of parameters nor whether they are optional.
    AckIfRequired,
}

/// How a callable is called that is to listen to an event.
///
/// # Errors
/// Why it cannot be, as the end of a sentence.
pub(crate) fn of_listener(callable: &Callable) -> Result<Form, String> {
    let signature = Signature::of(callable);
    let form = match (signature.takes(1), signature.takes(2)) {
        (false, false) => {
            return Err(format!(
                "takes {signature} parameters, but is called with one Array of the event's data, and with a Callable \
                 that answers the server if it has a second parameter: write func(data) or func(data, ack)"
            ));
        }
        (false, true) if signature.is_lambda => Form::AckIfRequired,
        (false, true) => {
            signature.check_ack()?;
            Form::DataAndAck
        }
        (true, true) if signature.expects_ack() => Form::DataAndAck,
        (true, _) => Form::Data,
    };
    signature.check_data()?;
    Ok(form)
}

/// Checks that a callable can be called with the answer to an event.
///
/// # Errors
/// Why it cannot be, as the end of a sentence.
pub(crate) fn check_ack_callback(callable: &Callable) -> Result<(), String> {
    // The list of methods, which tells of optional parameters and of types, costs a hundred times the emit.
    if callable.get_argument_count() == 1 {
        return Ok(());
    }
    let signature = Signature::of(callable);
    if !signature.takes(1) {
        return Err(format!(
            "takes {signature} parameters, but is called with one Array, the server's answer: write func(answer)"
        ));
    }
    signature.check_data()
}

/// Whether it is a lambda, also one with bound or unbound arguments.
pub(crate) fn is_lambda(callable: &Callable) -> bool {
    callable.is_custom() && callable.to_string().ends_with("lambda)")
}

/// The parameters of a callable.
struct Signature {
    /// With how few arguments it can be called. Of a lambda the engine does not tell which are optional.
    least: usize,
    /// With how many it can be called; nothing for a variadic function.
    most: Option<usize>,
    is_lambda: bool,
    /// The parameters that its arguments go to, as far as the engine tells.
    parameters: Vec<Parameter>,
}

struct Parameter {
    name: String,
    kind: VariantType,
    /// The type of its elements, if it is a typed array.
    elements: Option<String>,
    default: Option<Variant>,
}

impl Signature {
    fn of(callable: &Callable) -> Self {
        // The engine counts bound arguments from those of a variadic function, which has none.
        let count = callable.get_argument_count().cast_signed();
        let is_variadic = count < 0;
        let count = usize::try_from(count).unwrap_or_default();
        let exact = Self { least: count, most: Some(count), is_lambda: false, parameters: Vec::new() };
        if is_lambda(callable) {
            return Self { most: exact.most.filter(|_| !is_variadic), is_lambda: true, ..exact };
        }
        let Some(object) = callable.object() else {
            // A variadic function of the engine, such as another signal's `emit`.
            return Self { most: (count != 0 && !is_variadic).then_some(count), ..exact };
        };
        match method(&object, callable) {
            Some(method) => Self::of_method(&method, callable, (!is_variadic).then_some(count)),
            None => exact,
        }
    }

    /// A method's optional and rest parameters, and types, show in the method list only.
    fn of_method(method: &VarDictionary, callable: &Callable, count: Option<usize>) -> Self {
        /// `METHOD_FLAG_VARARG`
        const VARIADIC: i64 = 16;

        let flags: i64 = value(method, "flags").unwrap_or_default();
        let mut parameters = Parameter::list(method);
        let required = parameters.iter().filter(|parameter| parameter.default.is_none()).count();
        let bound = if callable.is_custom() { callable.get_bound_arguments_count() } else { 0 };
        let unbound = count.map_or(0, |count| (count + bound).saturating_sub(parameters.len()));
        let least = unbound.max((required + unbound).saturating_sub(bound));
        parameters.truncate(match (bound, unbound) {
            (bound, 0) => parameters.len().saturating_sub(bound),
            // The data goes on, and the ack, which is required, does not.
            (0, 1) if least == 2 => 1,
            _ => 0,
        });
        let most = count.filter(|_| flags & VARIADIC == 0);
        Self { least, most, is_lambda: false, parameters }
    }

    fn takes(&self, count: usize) -> bool {
        self.least <= count && self.most.is_none_or(|most| count <= most)
    }

    /// Checks that the first parameter takes what each event brings.
    fn check_data(&self) -> Result<(), String> {
        let Some(Parameter { name, kind, elements, .. }) = self.parameters.first() else {
            return Ok(());
        };
        match elements {
            Some(elements) => Err(format!(
                "takes an Array[{elements}] as \"{name}\", but gets an Array of any values: write {name}: Array"
            )),
            None if takes_array(*kind) => Ok(()),
            None => Err(format!(
                "takes {} as \"{name}\", but gets an Array, which holds all values: write {name}: Array",
                type_name(*kind)
            )),
        }
    }

    /// Checks that a required second parameter takes the callable that answers the server.
    fn check_ack(&self) -> Result<(), String> {
        match self.parameters.get(1) {
            Some(Parameter { name, kind, .. })
                if !matches!(*kind, VariantType::NIL | VariantType::CALLABLE) =>
            {
                Err(format!(
                    "takes {} as \"{name}\", but the second parameter gets the Callable that answers the server: write \
                     {name}: Callable, or give it a default value",
                    type_name(*kind)
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a second parameter that is not required is meant for the callable that answers the server.
    fn expects_ack(&self) -> bool {
        let Some(Parameter { kind, default, .. }) = self.parameters.get(1) else {
            return false;
        };
        let default = default.as_ref().map(Variant::get_type);
        let for_callable = matches!(default, Some(VariantType::NIL | VariantType::CALLABLE));
        *kind == VariantType::CALLABLE || (*kind == VariantType::NIL && for_callable)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) if most == self.least => write!(f, "{most}"),
            Some(most) => write!(f, "{} to {most}", self.least),
            None => write!(f, "at least {}", self.least),
        }
    }
}

impl Parameter {
    /// All parameters of a method.
    fn list(method: &VarDictionary) -> Vec<Self> {
        let list =
            |key| value::<AnyArray>(method, key).map_or_else(Vec::new, |list| list.iter_shared().collect());
        let (arguments, defaults): (Vec<Variant>, Vec<Variant>) = (list("args"), list("default_args"));
        let required = arguments.len().saturating_sub(defaults.len());
        let arguments = arguments.iter().filter_map(|argument| argument.try_to::<VarDictionary>().ok());
        let parameters = arguments.enumerate().map(|(index, argument)| {
            let kind = VariantType::from_ord(value(&argument, "type").unwrap_or_default());
            let is_typed = value(&argument, "hint") == Some(i64::from(PropertyHint::ARRAY_TYPE.ord()));
            Self {
                name: value::<GString>(&argument, "name").unwrap_or_default().to_string(),
                kind,
                elements: (kind == VariantType::ARRAY && is_typed)
                    .then(|| value::<GString>(&argument, "hint_string").unwrap_or_default().to_string()),
                default: index.checked_sub(required).and_then(|index| defaults.get(index)).cloned(),
            }
        });
        parameters.collect()
    }
}

/// What the engine tells of the method that a callable calls. Of one that is bound, unbound or an `@rpc`, the text has the
/// name: to ask for it is an error for a C# delegate.
fn method(object: &Gd<Object>, callable: &Callable) -> Option<VarDictionary> {
    let name = if callable.is_custom() {
        let text = callable.to_string();
        let (class, method) = text.strip_suffix(" (rpc)").unwrap_or(&text).rsplit_once("::")?;
        (class != "Delegate").then(|| StringName::from(method))?
    } else {
        callable.method_name()?
    };
    let name = name.to_variant();
    let named = |methods: Array<VarDictionary>| {
        methods.iter_shared().find(|method| method.get("name").as_ref() == Some(&name))
    };
    named(object.get_method_list()).or_else(|| {
        // A static function is one of the script's.
        let script = object.clone().try_cast::<Script>().ok()?;
        named(script.get_script_method_list())
    })
}

fn value<T: FromGodot>(dictionary: &VarDictionary, key: &str) -> Option<T> {
    dictionary.get(key)?.try_to().ok()
}

/// Whether an Array can be given for a parameter of that type, by the engine's rules.
fn takes_array(kind: VariantType) -> bool {
    matches!(
        kind,
        VariantType::NIL
            | VariantType::ARRAY
            | VariantType::PACKED_BYTE_ARRAY
            | VariantType::PACKED_INT32_ARRAY
            | VariantType::PACKED_INT64_ARRAY
            | VariantType::PACKED_FLOAT32_ARRAY
            | VariantType::PACKED_FLOAT64_ARRAY
            | VariantType::PACKED_STRING_ARRAY
            | VariantType::PACKED_VECTOR2_ARRAY
            | VariantType::PACKED_VECTOR3_ARRAY
            | VariantType::PACKED_COLOR_ARRAY
            | VariantType::PACKED_VECTOR4_ARRAY
    )
}
