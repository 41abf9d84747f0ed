//! The warning that listeners pile up, after Node's `MaxListenersExceededWarning`. A lambda that uses nothing of `self`
//! belongs to its script: a scene that registers one each time that it is loaded is heard once more each time.

use std::sync::OnceLock;

use godot::classes::{Object, Os, Script};
use godot::obj::{Gd, InstanceId, Singleton as _};

use crate::callback::Callback;
use crate::signature;

/// So many listeners of one event may come from one source.
pub(crate) const MAX_LISTENERS: usize = 10;

/// What listeners have in common that are counted together: whatever has to go before they do. For a method and a lambda
/// of a node that is the node, so that a hundred players may listen; for a lambda that uses nothing of `self`, and for
/// one that keeps its object alive itself, the script. Nothing for callables without an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source(Option<InstanceId>);

impl Source {
    /// The source of a callback. Nothing in a release build, which does not count.
    pub(crate) fn of(callback: &Callback) -> Option<Self> {
        is_debug_build().then(|| {
            let id = callback.object();
            Self(script_kept_by(callback).or(id))
        })
    }
}

/// The warning for a namespace in which too many listeners of an event have the same source.
pub(crate) fn warning(call: &str, event: &str, namespace: &str, source: Source) -> String {
    format!(
        "SocketIONamespace.{call}: {} callbacks for \"{event}\" in \"{namespace}\" come from {}, and each such event calls \
         all of them. A lambda that does not use self stays when its scene goes. Remove callbacks with off(), register \
         them with once(), or register methods of nodes: these are dropped when the node is freed.",
        MAX_LISTENERS + 1,
        describe(source)
    )
}

/// The script of a lambda that keeps its object alive, and so is kept by nothing else.
fn script_kept_by(callback: &Callback) -> Option<InstanceId> {
    let object = object(callback.object()?)?;
    let keeps = object.is_class("RefCounted") && callback.callable().is_some_and(signature::is_lambda);
    script(&object).filter(|_| keeps).map(|script| script.instance_id())
}

fn describe(Source(id): Source) -> String {
    let Some(object) = id.and_then(object) else {
        return "callables without an object".into();
    };
    let path =
        object.clone().try_cast::<Script>().ok().or_else(|| script(&object)).map(|script| script.get_path());
    path.filter(|path| !path.is_empty()).map_or_else(|| object.to_string(), |path| path.to_string())
}

fn object(id: InstanceId) -> Option<Gd<Object>> {
    Gd::try_from_instance_id(id).ok()
}

fn script(object: &Gd<Object>) -> Option<Gd<Script>> {
    object.get_script()
}

fn is_debug_build() -> bool {
    static IS_DEBUG_BUILD: OnceLock<bool> = OnceLock::new();
    *IS_DEBUG_BUILD.get_or_init(|| Os::singleton().is_debug_build())
}
