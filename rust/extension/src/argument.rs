//! Parameters with a default that gdext does not offer by itself: an empty `Array` or `Dictionary`, and null for
//! an object; and the type of the properties that are dictionaries.
//!
//! The containers may be typed or untyped: a game may pass an `Array[int]` where `Array` is asked for.

use godot::builtin::{AnyArray, AnyDictionary, VarArray, VarDictionary};
use godot::classes::RefCounted;
use godot::meta::conv::ByValue;
use godot::meta::error::ConvertError;
use godot::meta::shape::{ClassHeritage, GodotShape};
use godot::meta::{ClassId, FromGodot, GodotConvert, GodotImmutable, ToArg, ToGodot};
use godot::obj::Gd;
use godot::register::property::{Export, SimpleVar};

macro_rules! argument {
    ($(#[$docs:meta])* $Argument:ident($Via:ty) of $shape:expr, = $default:expr) => {
        $(#[$docs])*
        #[derive(Debug, Clone)]
        pub(crate) struct $Argument(pub(crate) $Via);

        impl Default for $Argument {
            fn default() -> Self {
                Self($default)
            }
        }

        impl GodotConvert for $Argument {
            type Via = $Via;

            fn godot_shape() -> GodotShape {
                $shape
            }
        }

        impl ToGodot for $Argument {
            type Pass = ByValue;

            fn to_godot(&self) -> ToArg<'_, Self::Via, Self::Pass> {
                self.0.clone()
            }
        }

        impl FromGodot for $Argument {
            fn try_from_godot(via: Self::Via) -> Result<Self, ConvertError> {
                Ok(Self(via))
            }
        }

        // SAFETY: the only value that is ever used as a default is `Self::default()`, which nobody can change.
        unsafe impl GodotImmutable for $Argument {}
    };
}

argument! {
    /// An `Array` that may be left out.
    ArrayArgument(AnyArray) of AnyArray::godot_shape(), = VarArray::new().into_read_only().upcast_any_array()
}

argument! {
    /// A `Dictionary` that may be left out.
    DictionaryArgument(AnyDictionary) of AnyDictionary::godot_shape(), = VarDictionary::new().into_read_only().upcast_any_dictionary()
}

impl SimpleVar for DictionaryArgument {}

impl Export for DictionaryArgument {}

argument! {
    /// `TLSOptions` that may be left out or null. gdext is built without this class.
    TlsArgument(Option<Gd<RefCounted>>) of tls_shape(), = None
}

fn tls_shape() -> GodotShape {
    GodotShape::Class {
        class_id: ClassId::new_dynamic("TLSOptions"),
        heritage: ClassHeritage::Other,
        is_nullable: true,
    }
}
