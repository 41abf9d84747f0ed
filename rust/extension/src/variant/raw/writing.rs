//! Making new values: each is written once, into a place that holds nil.

use std::marker::PhantomData;
use std::ptr;

use godot::builtin::Variant;
use godot::sys;

use super::{Engine, Local, Opaque, ToVariant, engine, kind, layout, raw_type, resize};
use crate::text::characters;

/// A place that holds nil, in a Variant, an array or a dictionary that nobody else sees yet. It is written once, or left
/// as it is.
pub(in crate::variant) struct Slot<'a> {
    engine: &'static Engine,
    variant: sys::GDExtensionVariantPtr,
    place: PhantomData<&'a mut Variant>,
}

impl<'a> Slot<'a> {
    /// `variant` must be that of a nil, which nothing else uses as long as the slot lives.
    pub(super) fn new(engine: &'static Engine, variant: sys::GDExtensionVariantPtr) -> Self {
        Self { engine, variant, place: PhantomData }
    }

    pub(in crate::variant) fn bool(self, value: bool) {
        self.write(kind::BOOL, self.engine.variant_from_bool, u8::from(value));
    }

    pub(in crate::variant) fn int(self, value: i64) {
        self.write(kind::INT, self.engine.variant_from_int, value);
    }

    pub(in crate::variant) fn float(self, value: f64) {
        self.write(kind::FLOAT, self.engine.variant_from_float, value);
    }

    pub(in crate::variant) fn string(self, text: &str) {
        let engine = self.engine;
        let mut string = Opaque::uninit();
        let (place, start, length) = (string.as_mut_ptr(), text.as_ptr(), text.len() as i64);
        // SAFETY: the engine reads `length` bytes, or as many characters as there are, and makes a String of them, which is
        // copied into the nil and let go of. Latin 1 is not checked and decoded, and ASCII is that.
        unsafe {
            if text.is_ascii() {
                (engine.string_from_latin1)(place.cast(), start.cast(), length);
            } else if let Some(characters) = characters(text) {
                (engine.string_from_utf32)(place.cast(), characters.as_ptr().cast(), characters.len() as i64);
            } else {
                (engine.string_from_utf8)(place.cast(), start.cast(), length);
            }
            (engine.variant_from_string)(self.uninitialized(), place.cast());
            (engine.string_destroy)(place.cast());
        }
    }

    /// A `PackedByteArray`.
    pub(in crate::variant) fn bytes(self, bytes: &mut Bytes) {
        // SAFETY: the Variant shares the bytes; whoever changes them gets a copy.
        unsafe { (self.engine.variant_from_bytes)(self.uninitialized(), bytes.0.pointer()) };
    }

    /// An array of `length` elements, each written in its turn.
    pub(in crate::variant) fn array(self, length: usize, mut write: impl FnMut(Slot<'_>)) {
        let engine = self.engine;
        // SAFETY: the constructor makes an Array of the place, and takes no arguments. The Variant shares it.
        let mut array =
            unsafe { Local::new(engine.array_destroy, |place| (engine.array_new)(place, ptr::null())) };
        // SAFETY: the Variant shares the Array.
        unsafe { (engine.variant_from_array)(self.uninitialized(), array.pointer()) };
        // SAFETY: it is an Array.
        unsafe { resize(array.pointer(), engine.array_resize, length) };
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
    pub(in crate::variant) fn dictionary(self, write: impl FnOnce(&mut Dictionary)) {
        let engine = self.engine;
        // SAFETY: as with arrays.
        let mut dictionary = unsafe {
            Local::new(engine.dictionary_destroy, |place| (engine.dictionary_new)(place, ptr::null()))
        };
        // SAFETY: the Variant shares the Dictionary.
        unsafe { (engine.variant_from_dictionary)(self.uninitialized(), dictionary.pointer()) };
        write(&mut Dictionary { engine, local: dictionary });
    }

    fn write<T>(&self, kind: sys::GDExtensionVariantType, function: ToVariant, mut value: T) {
        // SAFETY: a nil owns nothing, so that it can be overwritten; `value` is of the type that the function takes.
        unsafe {
            if self.engine.uses_layout() {
                layout::write(self.variant, kind, value);
            } else {
                function(self.uninitialized(), (&raw mut value).cast());
            }
        }
    }

    fn uninitialized(&self) -> sys::GDExtensionUninitializedVariantPtr {
        self.variant.cast()
    }
}

/// A PackedByteArray of our own, which any number of Variants may share.
pub(in crate::variant) struct Bytes(Local);

impl Bytes {
    /// Copies the bytes.
    pub(in crate::variant) fn new(bytes: &[u8]) -> Self {
        let engine = engine();
        // SAFETY: the constructor makes a PackedByteArray of the place, and takes no arguments. After the `resize` there are as
        // many bytes at its start, which nobody else sees yet.
        unsafe {
            let mut packed = Local::new(engine.bytes_destroy, |place| (engine.bytes_new)(place, ptr::null()));
            if !bytes.is_empty() {
                resize(packed.pointer(), engine.bytes_resize, bytes.len());
                let first = (engine.bytes_element)(packed.pointer(), 0);
                ptr::copy_nonoverlapping(bytes.as_ptr(), first, bytes.len());
            }
            Self(packed)
        }
    }
}

/// A dictionary in the making.
pub(in crate::variant) struct Dictionary {
    engine: &'static Engine,
    local: Local,
}

impl Dictionary {
    /// The place for the value of a key. If the key was there already, its value is replaced.
    pub(in crate::variant) fn entry(&mut self, key: &Variant) -> Slot<'_> {
        let engine = self.engine;
        // SAFETY: the place is that of a Variant, and a new one is nil. Nothing is added to the Dictionary as long as the
        // slot lives, so that it stays where it is.
        unsafe {
            let value = (engine.dictionary_entry)(self.local.pointer(), key.var_sys());
            if raw_type(engine, value) != kind::NIL {
                (engine.variant_destroy)(value);
                (engine.variant_nil)(value.cast());
            }
            Slot::new(engine, value)
        }
    }
}
