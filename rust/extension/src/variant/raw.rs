//! Variants by the engine's own functions, without what gdext does around each call of them.
//!
//! An event has dozens of values, and gdext looks at every call whether it comes from the main thread; that, and
//! the copies between its types, took more than half of the time. Here the functions are fetched once. All that is
//! `unsafe` about it is in this file: what it offers to the others cannot be used wrongly.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;
use std::slice;
use std::sync::OnceLock;

use godot::builtin::{StringName, Variant, VariantType};
use godot::sys;

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

/// A place that holds nil, in a Variant, an array or a dictionary that nobody else sees yet. It is written once, or left
/// as it is.
pub(super) struct Slot<'a> {
    engine: &'static Engine,
    variant: sys::GDExtensionVariantPtr,
    place: PhantomData<&'a mut Variant>,
}

impl<'a> Slot<'a> {
    /// `variant` must be that of a nil, which nothing else uses as long as the slot lives.
    fn new(engine: &'static Engine, variant: sys::GDExtensionVariantPtr) -> Self {
        Self { engine, variant, place: PhantomData }
    }

    pub(super) fn bool(self, value: bool) {
        self.write(self.engine.variant_from_bool, u8::from(value));
    }

    pub(super) fn int(self, value: i64) {
        self.write(self.engine.variant_from_int, value);
    }

    pub(super) fn float(self, value: f64) {
        self.write(self.engine.variant_from_float, value);
    }

    pub(super) fn string(self, text: &str) {
        let engine = self.engine;
        let mut string = Opaque::uninit();
        let (place, start, length) = (string.as_mut_ptr(), text.as_ptr(), text.len() as i64);
        // SAFETY: the engine reads `length` bytes and makes a String of them, which is copied into the nil and let go
        // of. Latin 1 is not checked and decoded, and ASCII is that.
        unsafe {
            if text.is_ascii() {
                (engine.string_from_latin1)(place.cast(), start.cast(), length);
            } else {
                (engine.string_from_utf8)(place.cast(), start.cast(), length);
            }
            (engine.variant_from_string)(self.uninitialized(), place.cast());
            (engine.string_destroy)(place.cast());
        }
    }

    /// A `PackedByteArray`.
    pub(super) fn bytes(self, bytes: &mut Bytes) {
        // SAFETY: the Variant shares the bytes; whoever changes them gets a copy.
        unsafe { (self.engine.variant_from_bytes)(self.uninitialized(), bytes.0.pointer()) };
    }

    /// An array of `length` elements, each written in its turn.
    pub(super) fn array(self, length: usize, mut write: impl FnMut(Slot<'_>)) {
        let engine = self.engine;
        // SAFETY: the constructor makes an Array of the place, and takes no arguments. The Variant shares it.
        let mut array =
            unsafe { Local::new(engine.array_destroy, |place| (engine.array_new)(place, ptr::null())) };
        // SAFETY: the Variant shares the Array.
        unsafe { (engine.variant_from_array)(self.uninitialized(), array.pointer()) };
        array.resize(engine.array_resize, length);
        if length == 0 {
            return;
        }
        // SAFETY: there is a first element. The elements of an Array follow each other in memory, are nil, and stay
        // where they are: nobody else has the Array yet.
        unsafe {
            let first = (engine.array_element)(array.pointer(), 0).cast::<Variant>();
            for index in 0..length {
                write(Slot::new(engine, first.add(index).cast()));
            }
        }
    }

    /// A dictionary, whose entries are written by the callback.
    pub(super) fn dictionary(self, write: impl FnOnce(&mut Dictionary)) {
        let engine = self.engine;
        // SAFETY: as with arrays.
        let mut dictionary = unsafe {
            Local::new(engine.dictionary_destroy, |place| (engine.dictionary_new)(place, ptr::null()))
        };
        // SAFETY: the Variant shares the Dictionary.
        unsafe { (engine.variant_from_dictionary)(self.uninitialized(), dictionary.pointer()) };
        write(&mut Dictionary { engine, local: dictionary });
    }

    fn write<T>(&self, function: ToVariant, mut value: T) {
        // SAFETY: a nil owns nothing, so that it can be overwritten; `value` is of the type that the function takes.
        unsafe { function(self.uninitialized(), (&raw mut value).cast()) };
    }

    fn uninitialized(&self) -> sys::GDExtensionUninitializedVariantPtr {
        self.variant.cast()
    }
}

/// A PackedByteArray of our own, which any number of Variants may share.
pub(super) struct Bytes(Local);

impl Bytes {
    /// Copies the bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let engine = engine();
        // SAFETY: the constructor makes a PackedByteArray of the place, and takes no arguments.
        let mut packed =
            unsafe { Local::new(engine.bytes_destroy, |place| (engine.bytes_new)(place, ptr::null())) };
        packed.resize(engine.bytes_resize, bytes.len());
        if !bytes.is_empty() {
            // SAFETY: there are as many bytes at its start, which nobody else sees yet.
            unsafe {
                let first = (engine.bytes_element)(packed.pointer(), 0);
                ptr::copy_nonoverlapping(bytes.as_ptr(), first, bytes.len());
            }
        }
        Self(packed)
    }
}

/// A dictionary in the making.
pub(super) struct Dictionary {
    engine: &'static Engine,
    local: Local,
}

impl Dictionary {
    /// The place for the value of a key. If the key was there already, its value is replaced.
    pub(super) fn entry(&mut self, key: &Variant) -> Slot<'_> {
        let engine = self.engine;
        // SAFETY: the place is that of a Variant, and a new one is nil. Nothing is added to the Dictionary as long as the
        // slot lives, so that it stays where it is.
        unsafe {
            let value = (engine.dictionary_entry)(self.local.pointer(), key.var_sys());
            if (engine.variant_type)(value) != sys::GDEXTENSION_VARIANT_TYPE_NIL {
                (engine.variant_destroy)(value);
                (engine.variant_nil)(value.cast());
            }
            Slot::new(engine, value)
        }
    }
}

/// What a Variant holds.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A value of any other type, which its Variant has.
    Other(VariantType, &'a Variant),
}

impl<'a> Value<'a> {
    pub(super) fn of(variant: &'a Variant) -> Self {
        let engine = engine();
        // SAFETY: each function reads the type that the Variant holds.
        unsafe {
            match type_of(variant) {
                VariantType::NIL => Self::Nil,
                VariantType::BOOL => Self::Bool(read(variant, engine.variant_to_bool, 0_u8) != 0),
                VariantType::INT => Self::Int(read(variant, engine.variant_to_int, 0)),
                VariantType::FLOAT => Self::Float(read(variant, engine.variant_to_float, 0.0)),
                other => Self::Other(other, variant),
            }
        }
    }
}

/// Shows the characters of a Variant that holds a String, as UTF-32; none of any other.
pub(super) fn with_characters<R>(variant: &Variant, show: impl FnOnce(&[u32]) -> R) -> R {
    if type_of(variant) != VariantType::STRING {
        return show(&[]);
    }
    let engine = engine();
    let mut string = Local::of(variant, engine.variant_to_string, engine.string_destroy);
    // SAFETY: without room for characters, the length is all that is asked for. The String is a copy that shares its
    // characters with the game's; the game does not run meanwhile, and would get a copy of its own by changing it.
    unsafe {
        let length = (engine.string_to_utf32)(string.pointer().cast(), ptr::null_mut(), 0);
        match usize::try_from(length) {
            Ok(length) if length > 0 => {
                let first = (engine.string_character)(string.pointer().cast(), 0);
                show(slice::from_raw_parts(first.cast(), length))
            }
            _ => show(&[]),
        }
    }
}

/// Shows the elements of a Variant that holds an Array, one after the other, with their numbers; none of any other. The
/// callback may do anything, also to the array: what is gone meanwhile is not shown.
pub(super) fn each_element<E>(
    variant: &Variant,
    mut show: impl FnMut(usize, Value<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if type_of(variant) != VariantType::ARRAY {
        return Ok(());
    }
    let engine = engine();
    let mut array = Local::of(variant, engine.variant_to_array, engine.array_destroy);
    let mut index = 0;
    while let Some(element) = array.element(engine, index) {
        match Value::of(element) {
            // A copy, because the callback may run the game's code, and that may change the array.
            Value::Other(kind, element) => show(index, Value::Other(kind, &element.clone()))?,
            scalar => show(index, scalar)?,
        }
        index += 1;
    }
    Ok(())
}

/// Shows the keys and values of a Variant that holds a Dictionary, in their order; none of any other.
pub(super) fn each_entry<E>(
    variant: &Variant,
    mut show: impl FnMut(usize, &Variant, Value<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if type_of(variant) != VariantType::DICTIONARY {
        return Ok(());
    }
    let engine = engine();
    let mut dictionary = Local::of(variant, engine.variant_to_dictionary, engine.dictionary_destroy);
    let mut keys = dictionary.list(engine, engine.dictionary_keys);
    let mut values = dictionary.list(engine, engine.dictionary_values);
    let mut index = 0;
    while let (Some(key), Some(value)) = (keys.element(engine, index), values.element(engine, index)) {
        show(index, key, Value::of(value))?;
        index += 1;
    }
    Ok(())
}

/// # Safety
/// The Variant must hold the type that the function reads, and `value` be of it.
unsafe fn read<T: Copy>(variant: &Variant, function: FromVariant, mut value: T) -> T {
    // SAFETY: as above. The Variant is not changed, although the engine's signature would allow that.
    unsafe { function((&raw mut value).cast(), variant.var_sys().cast_mut()) };
    value
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
