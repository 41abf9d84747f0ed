//! Variants by the engine's own functions, without what gdext does around each call of them.
//!
//! An event has dozens of values, and gdext looks at every call whether it comes from the main thread; that, and
//! the copies between its types, took more than half of the time. Here the functions are fetched once. All that is
//! `unsafe` about it is in this module: what it offers to the others cannot be used wrongly.

mod entries;
mod layout;
mod reading;
mod refilling;
mod sharing;
mod writing;

use std::mem::MaybeUninit;
use std::ptr;
use std::slice;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use godot::builtin::{StringName, Variant, VariantType};
use godot::sys;

use self::layout::Layout;
pub(super) use self::reading::{Value, each_element, each_entry, text_of_key, with_characters};
pub(super) use self::refilling::{Old, PlainArray, is_sole};
pub(super) use self::sharing::SharedBytes;
pub(super) use self::writing::{Bytes, Slot};

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
    /// Whether Variants are as [`layout`] says, and may be looked at that way.
    uses_layout: AtomicBool,
    /// Nothing if that is not known of this engine.
    layout: Option<Layout>,
    variant_type: sys::GDExtensionInterfaceVariantGetType,
    variant_nil: sys::GDExtensionInterfaceVariantNewNil,
    variant_copy: sys::GDExtensionInterfaceVariantNewCopy,
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
    string_from_utf32: sys::GDExtensionInterfaceStringNewWithUtf32CharsAndLen,
    string_to_utf32: sys::GDExtensionInterfaceStringToUtf32Chars,
    string_character: sys::GDExtensionInterfaceStringOperatorIndexConst,
    string_destroy: Destroy,
    array_new: Construct,
    array_resize: Method,
    array_size: Method,
    array_element: sys::GDExtensionInterfaceArrayOperatorIndex,
    array_element_const: sys::GDExtensionInterfaceArrayOperatorIndexConst,
    array_is_typed: Method,
    array_is_read_only: Method,
    array_destroy: Destroy,
    dictionary_new: Construct,
    dictionary_keys: Method,
    dictionary_values: Method,
    dictionary_entry: sys::GDExtensionInterfaceDictionaryOperatorIndex,
    dictionary_erase: Method,
    /// Not there before Godot 4.4, which has no typed dictionaries.
    dictionary_is_typed: Option<Method>,
    dictionary_is_read_only: Method,
    dictionary_destroy: Destroy,
    bytes_new: Construct,
    bytes_copy: Construct,
    bytes_resize: Method,
    bytes_element: sys::GDExtensionInterfacePackedByteArrayOperatorIndex,
    bytes_element_const: sys::GDExtensionInterfacePackedByteArrayOperatorIndexConst,
    bytes_destroy: Destroy,
}

/// The numbers of the types, as the engine counts them.
mod kind {
    pub(super) use godot::sys::{
        GDEXTENSION_VARIANT_TYPE_ARRAY as ARRAY, GDEXTENSION_VARIANT_TYPE_BOOL as BOOL,
        GDEXTENSION_VARIANT_TYPE_CALLABLE as CALLABLE, GDEXTENSION_VARIANT_TYPE_DICTIONARY as DICTIONARY,
        GDEXTENSION_VARIANT_TYPE_FLOAT as FLOAT, GDEXTENSION_VARIANT_TYPE_INT as INT,
        GDEXTENSION_VARIANT_TYPE_NIL as NIL, GDEXTENSION_VARIANT_TYPE_OBJECT as OBJECT,
        GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY as BYTES, GDEXTENSION_VARIANT_TYPE_SIGNAL as SIGNAL,
        GDEXTENSION_VARIANT_TYPE_STRING as STRING,
    };
}

static ENGINE: OnceLock<Engine> = OnceLock::new();

fn engine() -> &'static Engine {
    ENGINE.get_or_init(Engine::load)
}

/// Whether Variants may be read, written and filled again where they stand in memory, if that is possible.
pub(super) fn set_uses_layout(wanted: bool) {
    let engine = engine();
    engine.uses_layout.store(wanted && engine.layout.is_some(), Ordering::Relaxed);
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
    VariantType::from_sys(raw_type(engine(), variant.var_sys()))
}

/// The same, by the engine's number for it. The pointer must be that of a Variant.
#[inline]
fn raw_type(engine: &Engine, variant: sys::GDExtensionConstVariantPtr) -> sys::GDExtensionVariantType {
    // SAFETY: as above.
    unsafe { if engine.uses_layout() { layout::type_of(variant) } else { (engine.variant_type)(variant) } }
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

    /// The elements of an Array, which is not changed as long as the result lives.
    fn elements(&mut self, engine: &Engine) -> &[Variant] {
        // SAFETY: it is an Array.
        unsafe { elements(engine, self.pointer()) }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the value was made for this function, and is not used any more.
        unsafe { (self.destroy)(self.pointer()) };
    }
}

/// Asks a method that takes nothing.
///
/// # Safety
/// The method must be one of the value's type, and give what `result` is.
unsafe fn call<T>(value: sys::GDExtensionTypePtr, method: Method, mut result: T) -> T {
    // SAFETY: as above.
    unsafe { method(value, ptr::null(), (&raw mut result).cast(), 0) };
    result
}

/// Gives an Array or a `PackedByteArray` another size.
///
/// # Safety
/// The method must be the `resize` of the value's type.
unsafe fn resize(value: sys::GDExtensionTypePtr, method: Method, length: usize) {
    let (wanted, mut result) = (length as i64, 0_i64);
    let arguments: [sys::GDExtensionConstTypePtr; 1] = [(&raw const wanted).cast()];
    // SAFETY: as above: it takes an int and gives one.
    unsafe { method(value, arguments.as_ptr(), (&raw mut result).cast(), 1) };
}

/// The elements of an Array.
///
/// # Safety
/// The pointer must be that of an Array, which is not changed as long as the result lives.
unsafe fn elements<'a>(engine: &Engine, array: sys::GDExtensionTypePtr) -> &'a [Variant] {
    // SAFETY: as above; `size` is a method of Arrays. The elements follow each other in memory.
    unsafe {
        match usize::try_from(call(array, engine.array_size, 0_i64)) {
            Ok(length) if length > 0 => {
                slice::from_raw_parts((engine.array_element_const)(array, 0).cast(), length)
            }
            _ => &[],
        }
    }
}

/// A new Array of what is in a Dictionary.
///
/// # Safety
/// The method must be one of Dictionaries that gives an Array.
unsafe fn list(engine: &Engine, dictionary: sys::GDExtensionTypePtr, method: Method) -> Local {
    // SAFETY: as above. The Array is written into one that is there.
    unsafe {
        let mut array = Local::new(engine.array_destroy, |place| (engine.array_new)(place, ptr::null()));
        method(dictionary, ptr::null(), array.pointer(), 0);
        array
    }
}

impl Engine {
    fn uses_layout(&self) -> bool {
        self.uses_layout.load(Ordering::Relaxed)
    }

    /// The layout, if it may be used.
    fn layout(&self) -> Option<Layout> {
        self.layout.filter(|_| self.uses_layout())
    }

    fn load() -> Self {
        /// The hashes of the methods' signatures, by which the engine finds them.
        const TAKES_INT_GIVES_INT: i64 = 848_867_239;
        const GIVES_INT: i64 = 3_173_160_232;
        const GIVES_ARRAY: i64 = 4_144_163_970;
        const GIVES_BOOL: i64 = 3_918_633_141;
        const TAKES_VARIANT_GIVES_BOOL: i64 = 1_776_646_889;

        // SAFETY: the extension is initialised, so that the interface is there; the numbers are those of the types.
        unsafe {
            let interface = sys::get_interface();
            let to_variant = |kind| function((interface.get_variant_from_type_constructor)(kind));
            let from_variant = |kind| function((interface.get_variant_to_type_constructor)(kind));
            let construct = |kind| function((interface.variant_get_ptr_constructor)(kind, 0));
            let copy = |kind| function((interface.variant_get_ptr_constructor)(kind, 1));
            let destroy = |kind| function((interface.variant_get_ptr_destructor)(kind));
            let find = |kind, name: &str, hash| {
                let name = StringName::from(name);
                (interface.variant_get_ptr_builtin_method)(kind, name.string_sys(), hash)
            };
            let method = |kind, name, hash| function(find(kind, name, hash));
            let has_typed_dictionaries = sys::GdextBuild::godot_runtime_version_triple() >= (4, 4, 0);
            let mut engine = Self {
                uses_layout: AtomicBool::new(false),
                layout: None,
                variant_type: interface.variant_get_type,
                variant_nil: interface.variant_new_nil,
                variant_copy: interface.variant_new_copy,
                variant_destroy: interface.variant_destroy,
                variant_from_bool: to_variant(kind::BOOL),
                variant_from_int: to_variant(kind::INT),
                variant_from_float: to_variant(kind::FLOAT),
                variant_from_string: to_variant(kind::STRING),
                variant_from_array: to_variant(kind::ARRAY),
                variant_from_dictionary: to_variant(kind::DICTIONARY),
                variant_from_bytes: to_variant(kind::BYTES),
                variant_to_bool: from_variant(kind::BOOL),
                variant_to_int: from_variant(kind::INT),
                variant_to_float: from_variant(kind::FLOAT),
                variant_to_string: from_variant(kind::STRING),
                variant_to_array: from_variant(kind::ARRAY),
                variant_to_dictionary: from_variant(kind::DICTIONARY),
                string_from_latin1: interface.string_new_with_latin1_chars_and_len,
                string_from_utf8: interface.string_new_with_utf8_chars_and_len2,
                string_from_utf32: interface.string_new_with_utf32_chars_and_len,
                string_to_utf32: interface.string_to_utf32_chars,
                string_character: interface.string_operator_index_const,
                string_destroy: destroy(kind::STRING),
                array_new: construct(kind::ARRAY),
                array_resize: method(kind::ARRAY, "resize", TAKES_INT_GIVES_INT),
                array_size: method(kind::ARRAY, "size", GIVES_INT),
                array_element: interface.array_operator_index,
                array_element_const: interface.array_operator_index_const,
                array_is_typed: method(kind::ARRAY, "is_typed", GIVES_BOOL),
                array_is_read_only: method(kind::ARRAY, "is_read_only", GIVES_BOOL),
                array_destroy: destroy(kind::ARRAY),
                dictionary_new: construct(kind::DICTIONARY),
                dictionary_keys: method(kind::DICTIONARY, "keys", GIVES_ARRAY),
                dictionary_values: method(kind::DICTIONARY, "values", GIVES_ARRAY),
                dictionary_entry: interface.dictionary_operator_index,
                dictionary_erase: method(kind::DICTIONARY, "erase", TAKES_VARIANT_GIVES_BOOL),
                dictionary_is_typed: has_typed_dictionaries
                    .then(|| method(kind::DICTIONARY, "is_typed", GIVES_BOOL)),
                dictionary_is_read_only: method(kind::DICTIONARY, "is_read_only", GIVES_BOOL),
                dictionary_destroy: destroy(kind::DICTIONARY),
                bytes_new: construct(kind::BYTES),
                bytes_copy: copy(kind::BYTES),
                bytes_resize: method(kind::BYTES, "resize", TAKES_INT_GIVES_INT),
                bytes_element: interface.packed_byte_array_operator_index,
                bytes_element_const: interface.packed_byte_array_operator_index_const,
                bytes_destroy: destroy(kind::BYTES),
            };
            engine.layout = engine.try_layout();
            engine.uses_layout = engine.layout.is_some().into();
            engine
        }
    }
}

/// A function of the engine that is there in every version.
fn function<F>(found: Option<F>) -> F {
    found.expect("a function of the engine is missing")
}
