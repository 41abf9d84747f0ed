//! Enums that GDScript sees as real ones, so that `var state: SocketIOClient.ConnectionState` compiles. gdext
//! registers constants only.

/// Declares an enum of a class, with the name, value and class documentation of each constant.
macro_rules! class_enum {
    (
        $(#[$docs:meta])*
        $Enum:ident of $Class:ty as $class_name:literal {
            $($(#[$variant_docs:meta])* $Variant:ident = $CONSTANT:ident $value:literal $description:literal,)*
        }
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Enum {
            $($(#[$variant_docs])* $Variant = $value,)*
        }

        impl $Enum {
            /// Registers the constants with their class, which must have been registered before.
            pub(crate) fn register() {
                use godot::obj::GodotClass;
                use godot::register::private::constant::{ConstantKind, ExportConstant, IntegerConstant};

                ExportConstant::new(
                    <$Class>::class_id(),
                    ConstantKind::Enum {
                        name: godot::builtin::StringName::from(stringify!($Enum)),
                        enumerators: vec![$(IntegerConstant::new(stringify!($CONSTANT), $value),)*],
                    },
                )
                .register();
            }
        }

        impl godot::meta::GodotConvert for $Enum {
            type Via = i64;

            fn godot_shape() -> godot::meta::shape::GodotShape {
                use godot::meta::shape::{EnumeratorShape, GodotShape};

                GodotShape::Enum {
                    variant_type: godot::builtin::VariantType::INT,
                    enumerators: std::borrow::Cow::Borrowed(
                        const { &[$(EnumeratorShape::new_int(stringify!($CONSTANT), $value),)*] },
                    ),
                    godot_name: Some(std::borrow::Cow::Borrowed(concat!($class_name, ".", stringify!($Enum)))),
                    is_bitfield: false,
                }
            }
        }

        impl godot::meta::ToGodot for $Enum {
            type Pass = godot::meta::conv::ByValue;

            fn to_godot(&self) -> i64 {
                *self as i64
            }
        }

        #[cfg(feature = "editor")]
        godot::sys::shard_add!(
            godot::private::__GODOT_DOCS_REGISTRY;
            godot::private::DocsShard::new::<$Class>(godot::private::DocsItem::InherentImpl(
                godot::private::InherentImplDocs {
                    methods_xml: "",
                    signals_xml: "",
                    constants_xml: crate::enumeration::constants_xml(
                        stringify!($Enum),
                        vec![$((stringify!($CONSTANT), $value, $description),)*],
                    ),
                },
            ))
        );
    };
}

/// The class documentation of an enum's constants. Godot looks them up by bisection, so they must be sorted.
#[cfg(feature = "editor")]
pub(crate) fn constants_xml(enumeration: &str, mut constants: Vec<(&str, i64, &str)>) -> &'static str {
    constants.sort_unstable();
    let xml = constants.iter().map(|(name, value, description)| {
        format!(r#"<constant name="{name}" value="{value}" enum="{enumeration}">{description}</constant>"#)
    });
    // gdext keeps the documentation for as long as the library is loaded.
    Box::leak(xml.collect::<String>().into_boxed_str())
}

pub(crate) use class_enum;
