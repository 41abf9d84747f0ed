//! Variants by the engine's own functions, without what gdext does around each call of them.
//!
//! An event has dozens of values, and gdext looks at every call whether it comes from the main thread; that, and
//! the copies between its types, took more than half of the time. Here the functions are fetched once. All that is
//! `unsafe` about it is in this module: what it offers to the others cannot be used wrongly.

mod reading;
mod writing;

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

use godot::builtin::{StringName, Variant, VariantType};
use godot::sys;

pub(super) use self::reading::{Value, each_element, each_entry, with_characters};
pub(super) use self::writing::{Bytes, Dictionary, Slot};

/// A place for a value of any of the types used here: a String, an Array and a Dictionary are a pointer, and a
/// PackedByteArray is two.
type Opaque = MaybeUninit<[usize; 2]>;

type ToVariant = unsafe extern "C" fn(sys::GDExtensionUninitializedVariantPtr, sys::GDExtensionTypePtr);
type FromVariant = unsafe extern "C" fn(sys::GDExtensionUninitializedTypePtr, sys::GDExtensionVariantPtr);
type Construct =
    unsafe extern "C" fn(sys::GDExtensionUninitializedTypePtr, *const sys::GDExtensionConstTypePtr);
type Destroy = unsafe extern "C" fn(sys::GDExtensionTypePtr);
type Method = unsafe extern "C" fn(
    sys::GDExtensionTypePtr,
    *const sys::GDExtensionConstTypePtr,
    sys::GDExtensionTypePtr,
    i32,
);

/// The engine's functions, which are the same for as long as the library is loaded.
struct Engine {
    variant_type: sys::GDExtensionInterfaceVariantGetType,
    variant_nil: sys::GDExtensionInterfaceVariantNewNil,
    variant_destroy: sys::GDExtensionInterfaceVariantDestroy,
    variant_from_bool: ToVariant,
    variant_from_int: ToVariant,
    variant_from_float: ToVariant,
    variant_from_string: ToVariant,
    variant_from_array: ToVariant,
    variant_from_dictionary: ToVariant,
    variant_from_bytes: ToVariant,
    variant_to_bool: FromVariant,
    variant_to_int: FromVariant,
    variant_to_float: FromVariant,
    variant_to_string: FromVariant,
    variant_to_array: FromVariant,
    variant_to_dictionary: FromVariant,
    string_from_latin1: sys::GDExtensionInterfaceStringNewWithLatin1CharsAndLen,
    string_from_utf8: sys::GDExtensionInterfaceStringNewWithUtf8CharsAndLen2,
    string_to_utf32: sys::GDExtensionInterfaceStringToUtf32Chars,
    string_character: sys::GDExtensionInterfaceStringOperatorIndexConst,
    string_destroy: Destroy,
    array_new: Construct,
    array_resize: Method,
    array_size: Method,
    array_element: sys::GDExtensionInterfaceArrayOperatorIndex,
    array_element_const: sys::GDExtensionInterfaceArrayOperatorIndexConst,
    array_destroy: Destroy,
    dictionary_new: Construct,
    dictionary_keys: Method,
    dictionary_values: Method,
    dictionary_entry: sys::GDExtensionInterfaceDictionaryOperatorIndex,
    dictionary_destroy: Destroy,
    bytes_new: Construct,
    bytes_resize: Method,
    bytes_element: sys::GDExtensionInterfacePackedByteArrayOperatorIndex,
    bytes_destroy: Destroy,
}

static ENGINE: OnceLock<Engine> = OnceLock::new();

fn engine() -> &'static Engine {
    ENGINE.get_or_init(Engine::load)
}

/// Makes a Variant by writing into a place for it.
pub(super) fn variant(write: impl FnOnce(Slot<'_>)) -> Variant {
    let engine = engine();
    // SAFETY: the place becomes a nil before anything else can happen to it, and stays a Variant.
    unsafe {
        Variant::new_with_var_uninit(|place| {
            (engine.variant_nil)(place);
            write(Slot::new(engine, place.cast()));
        })
    }
}

/// The type of what a Variant holds.
pub(super) fn type_of(variant: &Variant) -> VariantType {
    // SAFETY: the pointer is that of a Variant.
    VariantType::from_sys(unsafe { (engine().variant_type)(variant.var_sys()) })
}

/// A String, an Array, a Dictionary or a PackedByteArray of our own, let go of at the end.
struct Local {
    value: Opaque,
    destroy: Destroy,
}

impl Local {
    /// # Safety
    /// `make` must make a value of the place which `destroy` lets go of.
    unsafe fn new(destroy: Destroy, make: impl FnOnce(sys::GDExtensionUninitializedTypePtr)) -> Self {
        let mut value = Opaque::uninit();
        make(value.as_mut_ptr().cast());
        Self { value, destroy }
    }

    /// What a Variant holds, which must be of the type that both functions are for.
    fn of(variant: &Variant, function: FromVariant, destroy: Destroy) -> Self {
        // SAFETY: the Variant is not changed, although the engine's signature would allow that.
        unsafe { Self::new(destroy, |place| function(place, variant.var_sys().cast_mut())) }
    }

    fn pointer(&mut self) -> sys::GDExtensionTypePtr {
        self.value.as_mut_ptr().cast()
    }

    /// Gives an array of our own another size.
    fn resize(&mut self, resize: Method, length: usize) {
        let wanted = length as i64;
        let mut result = 0_i64;
        let arguments: [sys::GDExtensionConstTypePtr; 1] = [(&raw const wanted).cast()];
        // SAFETY: `resize` takes an int and gives one.
        unsafe { resize(self.pointer(), arguments.as_ptr(), (&raw mut result).cast(), 1) };
    }

    /// An element of an Array, which is not changed as long as the result lives.
    fn element(&mut self, engine: &Engine, index: usize) -> Option<&Variant> {
        let mut size = 0_i64;
        // SAFETY: `size` takes nothing and gives an int; an element that is there is a Variant.
        unsafe {
            (engine.array_size)(self.pointer(), ptr::null(), (&raw mut size).cast(), 0);
            let index = i64::try_from(index).ok().filter(|index| *index < size)?;
            Some(&*(engine.array_element_const)(self.pointer(), index).cast::<Variant>())
        }
    }

    /// A new Array of what is in a Dictionary.
    fn list(&mut self, engine: &Engine, method: Method) -> Self {
        // SAFETY: the methods take nothing and give an Array, into one that is there.
        unsafe {
            let mut array = Self::new(engine.array_destroy, |place| (engine.array_new)(place, ptr::null()));
            method(self.pointer(), ptr::null(), array.pointer(), 0);
            array
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the value was made for this function, and is not used any more.
        unsafe { (self.destroy)(self.pointer()) };
    }
}

impl Engine {
    fn load() -> Self {
        /// The hashes of the methods' signatures, by which the engine finds them.
        const TAKES_INT_GIVES_INT: i64 = 848_867_239;
        const GIVES_INT: i64 = 3_173_160_232;
        const GIVES_ARRAY: i64 = 4_144_163_970;

        // SAFETY: the extension is initialised, so that the interface is there; the numbers are those of the types.
        unsafe {
            let interface = sys::get_interface();
            let to_variant = |kind| function((interface.get_variant_from_type_constructor)(kind));
            let from_variant = |kind| function((interface.get_variant_to_type_constructor)(kind));
            let construct = |kind| function((interface.variant_get_ptr_constructor)(kind, 0));
            let destroy = |kind| function((interface.variant_get_ptr_destructor)(kind));
            let method = |kind, name: &str, hash| {
                let name = StringName::from(name);
                function((interface.variant_get_ptr_builtin_method)(kind, name.string_sys(), hash))
            };
            Self {
                variant_type: interface.variant_get_type,
                variant_nil: interface.variant_new_nil,
                variant_destroy: interface.variant_destroy,
                variant_from_bool: to_variant(sys::GDEXTENSION_VARIANT_TYPE_BOOL),
                variant_from_int: to_variant(sys::GDEXTENSION_VARIANT_TYPE_INT),
                variant_from_float: to_variant(sys::GDEXTENSION_VARIANT_TYPE_FLOAT),
                variant_from_string: to_variant(sys::GDEXTENSION_VARIANT_TYPE_STRING),
                variant_from_array: to_variant(sys::GDEXTENSION_VARIANT_TYPE_ARRAY),
                variant_from_dictionary: to_variant(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY),
                variant_from_bytes: to_variant(sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY),
                variant_to_bool: from_variant(sys::GDEXTENSION_VARIANT_TYPE_BOOL),
                variant_to_int: from_variant(sys::GDEXTENSION_VARIANT_TYPE_INT),
                variant_to_float: from_variant(sys::GDEXTENSION_VARIANT_TYPE_FLOAT),
                variant_to_string: from_variant(sys::GDEXTENSION_VARIANT_TYPE_STRING),
                variant_to_array: from_variant(sys::GDEXTENSION_VARIANT_TYPE_ARRAY),
                variant_to_dictionary: from_variant(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY),
                string_from_latin1: interface.string_new_with_latin1_chars_and_len,
                string_from_utf8: interface.string_new_with_utf8_chars_and_len2,
                string_to_utf32: interface.string_to_utf32_chars,
                string_character: interface.string_operator_index_const,
                string_destroy: destroy(sys::GDEXTENSION_VARIANT_TYPE_STRING),
                array_new: construct(sys::GDEXTENSION_VARIANT_TYPE_ARRAY),
                array_resize: method(sys::GDEXTENSION_VARIANT_TYPE_ARRAY, "resize", TAKES_INT_GIVES_INT),
                array_size: method(sys::GDEXTENSION_VARIANT_TYPE_ARRAY, "size", GIVES_INT),
                array_element: interface.array_operator_index,
                array_element_const: interface.array_operator_index_const,
                array_destroy: destroy(sys::GDEXTENSION_VARIANT_TYPE_ARRAY),
                dictionary_new: construct(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY),
                dictionary_keys: method(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY, "keys", GIVES_ARRAY),
                dictionary_values: method(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY, "values", GIVES_ARRAY),
                dictionary_entry: interface.dictionary_operator_index,
                dictionary_destroy: destroy(sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY),
                bytes_new: construct(sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY),
                bytes_resize: method(
                    sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY,
                    "resize",
                    TAKES_INT_GIVES_INT,
                ),
                bytes_element: interface.packed_byte_array_operator_index,
                bytes_destroy: destroy(sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY),
            }
        }
    }
}

/// A function of the engine that is there in every version.
fn function<F>(found: Option<F>) -> F {
    found.expect("a function of the engine is missing")
}
