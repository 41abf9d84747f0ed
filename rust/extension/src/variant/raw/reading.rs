//! Reading the game's values.

use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use godot::builtin::{GString, Variant, VariantType};
use godot::sys;

use super::{Destroy, Engine, FromVariant, Local, elements, engine, kind, layout, list, raw_type, type_of};

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
    #[inline]
    fn of(engine: &Engine, variant: &'a Variant) -> Self {
        // SAFETY: each function reads the type that the Variant holds.
        unsafe {
            match raw_type(engine, variant.var_sys()) {
                kind::NIL => Self::Nil,
                kind::BOOL => Self::Bool(read(engine, variant, engine.variant_to_bool, 0_u8) != 0),
                kind::INT => Self::Int(read(engine, variant, engine.variant_to_int, 0)),
                kind::FLOAT => Self::Float(read(engine, variant, engine.variant_to_float, 0.0)),
                other => Self::Other(VariantType::from_sys(other), variant),
            }
        }
    }
}

/// Shows the characters of a Variant that holds a String, as UTF-32; none of any other. Nothing may change it meanwhile.
pub(in crate::variant) fn with_characters<R>(variant: &Variant, show: impl FnOnce(&[u32]) -> R) -> R {
    if type_of(variant) != VariantType::STRING {
        return show(&[]);
    }
    let engine = engine();
    if let Some(layout) = engine.layout() {
        // SAFETY: the Variant holds a String, and lives until the end.
        return show(unsafe { layout.characters(layout::value(variant.var_sys().cast_mut())) });
    }
    let mut string = Local::of(variant, engine.variant_to_string, engine.string_destroy);
    // SAFETY: it is a String, and lives until the end.
    show(unsafe { characters(engine, string.pointer()) })
}

/// # Safety
/// The pointer must be that of a String, which nothing changes as long as the result lives.
unsafe fn characters<'a>(engine: &Engine, string: sys::GDExtensionConstTypePtr) -> &'a [u32] {
    // SAFETY: as above. Without room for characters, the length is all that is asked for.
    unsafe {
        let length = (engine.string_to_utf32)(string.cast(), ptr::null_mut(), 0);
        match usize::try_from(length) {
            Ok(length) if length > 0 => {
                slice::from_raw_parts((engine.string_character)(string.cast(), 0).cast(), length)
            }
            _ => &[],
        }
    }
}

/// Shows the elements of a Variant that holds an Array, one after the other, with their numbers; none of any other. The game's
/// code may do anything when it [runs](text_of_key), also to the array: what is gone meanwhile is not shown.
pub(in crate::variant) fn each_element<E>(
    variant: &Variant,
    mut show: impl FnMut(usize, Value<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if type_of(variant) != VariantType::ARRAY {
        return Ok(());
    }
    let engine = engine();
    let mut array = Held::of(engine, variant, engine.variant_to_array, engine.array_destroy);
    let mut index = 0;
    'changed: loop {
        // SAFETY: it is an Array, and stays as it is as long as none of the game's code runs.
        let elements = unsafe { elements(engine, array.pointer()) }.get(index..).unwrap_or_default();
        for element in elements {
            let has_changed = if is_leaf(engine, element) {
                show(index, Value::of(engine, element))?;
                false
            } else {
                let element = element.clone();
                may_change(|| show(index, Value::of(engine, &element)))?
            };
            index += 1;
            if has_changed {
                continue 'changed;
            }
        }
        return Ok(());
    }
}

/// Shows the keys and values of a Variant that holds a Dictionary, in their order; none of any other. The game's code may do
/// anything when it [runs](text_of_key), also to the dictionary: from then on, what was in it just then is shown.
pub(in crate::variant) fn each_entry<E>(
    variant: &Variant,
    mut show: impl FnMut(usize, &Variant, Value<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if type_of(variant) != VariantType::DICTIONARY {
        return Ok(());
    }
    let engine = engine();
    let mut dictionary = Held::of(engine, variant, engine.variant_to_dictionary, engine.dictionary_destroy);
    let mut shown = 0;
    if let Some(layout) = engine.layout() {
        // SAFETY: it is a Dictionary, and stays as it is as long as none of the game's code runs.
        let mut next = unsafe { layout.first_entry(dictionary.pointer()) };
        loop {
            let Some(entry) = next else { return Ok(()) };
            // SAFETY: as above.
            let [key, value] =
                unsafe { [entry.key(), entry.value().cast_const()].map(|place| &*place.cast::<Variant>()) };
            if !is_leaf(engine, key) {
                break;
            }
            let has_changed = if is_leaf(engine, value) {
                show(shown, key, Value::of(engine, value))?;
                false
            } else {
                let (key, value) = (key.clone(), value.clone());
                may_change(|| show(shown, &key, Value::of(engine, &value)))?
            };
            shown += 1;
            if has_changed {
                break;
            }
            // SAFETY: as above.
            next = unsafe { entry.next() };
        }
    }
    // SAFETY: both are methods of Dictionaries.
    let [mut keys, mut values] = [engine.dictionary_keys, engine.dictionary_values]
        .map(|method| unsafe { list(engine, dictionary.pointer(), method) });
    let entries = keys.elements(engine).iter().zip(values.elements(engine));
    let mut rest = entries.enumerate().skip(shown);
    rest.try_for_each(|(index, (key, value))| show(index, key, Value::of(engine, value)))
}

/// Whether a value has no others in it and is no Object: none of the game's code runs when it is read, or written as text.
#[inline]
fn is_leaf(engine: &Engine, variant: &Variant) -> bool {
    !matches!(
        raw_type(engine, variant.var_sys()),
        kind::OBJECT | kind::CALLABLE | kind::SIGNAL | kind::DICTIONARY | kind::ARRAY
    )
}

/// How often the game's code has run.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// The text of a key of a Dictionary, as the engine writes it. If it is an Object, or has one in it, that is done by the game's
/// code, which runs nowhere else while values are read.
pub(in crate::variant) fn text_of_key(key: &Variant) -> GString {
    if !is_leaf(engine(), key) {
        RUNS.fetch_add(1, Ordering::Relaxed);
    }
    key.stringify()
}

/// Whether the game's code has run meanwhile, so that any container may have changed.
fn may_change<E>(show: impl FnOnce() -> Result<(), E>) -> Result<bool, E> {
    let before = RUNS.load(Ordering::Relaxed);
    show()?;
    Ok(RUNS.load(Ordering::Relaxed) != before)
}

/// The Array or Dictionary of a Variant, for as long as that is there.
enum Held {
    /// It stands in the Variant.
    There(sys::GDExtensionTypePtr),
    Copied(Local),
}

impl Held {
    /// The Variant must hold the type that both functions are for, and stay as it is.
    fn of(engine: &Engine, variant: &Variant, function: FromVariant, destroy: Destroy) -> Self {
        if engine.uses_layout() {
            // SAFETY: the layout is known.
            return Self::There(unsafe { layout::value(variant.var_sys().cast_mut()) });
        }
        Self::Copied(Local::of(variant, function, destroy))
    }

    fn pointer(&mut self) -> sys::GDExtensionTypePtr {
        match self {
            Self::There(pointer) => *pointer,
            Self::Copied(local) => local.pointer(),
        }
    }
}

/// # Safety
/// The Variant must hold the type that the function reads, and `value` be of it.
#[inline]
unsafe fn read<T: Copy>(engine: &Engine, variant: &Variant, function: FromVariant, mut value: T) -> T {
    let variant = variant.var_sys().cast_mut();
    // SAFETY: as above. The Variant is not changed, although the engine's signature would allow that.
    unsafe {
        if engine.uses_layout() {
            return layout::value(variant).cast::<T>().read();
        }
        function((&raw mut value).cast(), variant);
    }
    value
}
