//! The editor's part of the addon: the traffic inspector, a tab of the debugger. It is there by itself, with no plugin to
//! enable, and not in games: its classes belong to the editor's level of initialisation.
//!
//! The [`debugger`] gives each of the editor's sessions an [`inspector`]. What the game says comes as a [`message`] and goes
//! into [`traffic`], which knows nothing of the engine; the inspector shows it.

mod arguments;
mod debugger;
mod inspector;
mod message;
mod quantity;
mod traffic;

use godot::builtin::{VariantType, vdict};
use godot::classes::{EditorPlugin, IEditorPlugin, ProjectSettings};
use godot::meta::ToGodot as _;
use godot::obj::{Base, EngineEnum as _, Gd, NewGd as _, Singleton as _, WithBaseField as _};
use godot::prelude::{GodotClass, godot_api};

use self::debugger::EditorSocketIODebugger;
use crate::client::singleton::SETTING;

/// Shows the addon's setting in the dialog of the project's settings. One that is at its default is not saved.
pub(crate) fn show_settings() {
    let mut settings = ProjectSettings::singleton();
    let (off, on) = (false.to_variant(), true);
    if !settings.has_setting(SETTING) {
        settings.set_setting(SETTING, &off);
    }
    settings.set_initial_value(SETTING, &off);
    let info = vdict! { "name" => SETTING, "type" => VariantType::BOOL.ord() };
    settings.add_property_info(&info.upcast_any_dictionary());
    settings.set_as_basic(SETTING, on);
    settings.set_restart_if_changed(SETTING, on);
}

// Not documented for the editor's help: games have no use for it.
#[derive(GodotClass)]
#[class(tool, init, internal, base = EditorPlugin)]
struct EditorSocketIOPlugin {
    base: Base<EditorPlugin>,
    debugger: Option<Gd<EditorSocketIODebugger>>,
}

#[godot_api]
impl IEditorPlugin for EditorSocketIOPlugin {
    fn enter_tree(&mut self) {
        let debugger = EditorSocketIODebugger::new_gd();
        self.base_mut().add_debugger_plugin(&debugger);
        self.debugger = Some(debugger);
    }

    fn exit_tree(&mut self) {
        if let Some(mut debugger) = self.debugger.take() {
            debugger.bind_mut().close();
            self.base_mut().remove_debugger_plugin(&debugger);
        }
    }
}
