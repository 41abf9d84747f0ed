//! Reading the game's values.

use std::ptr;
use std::slice;

use godot::builtin::{Variant, VariantType};

use super::{FromVariant, Local, engine, type_of};

/// What a Variant holds.
#[derive(Clone, Copy)]
pub(in crate::variant) enum Value<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A value of any other type, which its Variant has.
    Other(VariantType, &'a Variant),
}

impl<'a> Value<'a> {
    pub(in crate::variant) fn of(variant: &'a Variant) -> Self {
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
pub(in crate::variant) fn with_characters<R>(variant: &Variant, show: impl FnOnce(&[u32]) -> R) -> R {
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
pub(in crate::variant) fn each_element<E>(
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
pub(in crate::variant) fn each_entry<E>(
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
