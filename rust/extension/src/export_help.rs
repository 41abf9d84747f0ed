//! Help with exporting, in the editor: an Android game cannot connect without the permission for it.

use godot::builtin::{GString, PackedStringArray};
use godot::classes::{
    EditorExportPlatform, EditorExportPlugin, EditorPlugin, IEditorExportPlugin, IEditorPlugin, Node,
    Resource,
};
use godot::meta::ToGodot;
use godot::obj::{Base, Gd, NewGd as _, WithBaseField as _};
use godot::prelude::{GodotClass, godot_api};

use crate::report;

/// The option of an Android preset that gives the permission, off by default.
const PERMISSION_OPTION: &str = "permissions/internet";
/// The option for permissions in writing, in which it may be as well.
const CUSTOM_PERMISSIONS_OPTION: &str = "permissions/custom_permissions";
const PERMISSION: &str = "android.permission.INTERNET";
/// `EditorExportPlatform.EXPORT_MESSAGE_WARNING`.
const EXPORT_MESSAGE_WARNING: i64 = 2;
const CATEGORY: &str = "Socket.IO";
const WARNING: &str = "Without the permission \"Internet\" the exported game cannot connect to anything: switch \
                       permissions/internet on in the options of the preset. Where the editor itself runs the game on a \
                       device, Godot gives the permission for debugging, so it is missed only in the export.";

/// Adds the help to the editor, which makes one of each class of this kind by itself.
#[derive(GodotClass)]
#[class(tool, internal, init, base = EditorPlugin)]
pub(crate) struct EditorSocketIOExportHelp {
    base: Base<EditorPlugin>,
    plugin: Option<Gd<EditorSocketIOExportPlugin>>,
}

#[godot_api]
impl IEditorPlugin for EditorSocketIOExportHelp {
    fn enter_tree(&mut self) {
        let plugin = EditorSocketIOExportPlugin::new_gd();
        self.plugin = Some(plugin.clone());
        self.base_mut().add_export_plugin(&plugin);
    }

    fn exit_tree(&mut self) {
        if let Some(plugin) = self.plugin.take() {
            self.base_mut().remove_export_plugin(&plugin);
        }
    }
}

/// Warns beside the option in the export dialog, and in what an export reports.
#[derive(GodotClass)]
#[class(tool, internal, init, base = EditorExportPlugin)]
pub(crate) struct EditorSocketIOExportPlugin {
    base: Base<EditorExportPlugin>,
}

#[godot_api]
impl IEditorExportPlugin for EditorSocketIOExportPlugin {
    fn get_name(&self) -> GString {
        "SocketIO".into()
    }

    fn supports_platform(&self, platform: Option<Gd<EditorExportPlatform>>) -> bool {
        platform.is_some_and(|platform| platform.get_os_name() == "Android")
    }

    fn get_export_option_warning(
        &self,
        _platform: Option<Gd<EditorExportPlatform>>,
        option: GString,
    ) -> GString {
        if option == PERMISSION_OPTION && !self.has_permission() {
            return GString::from(WARNING);
        }
        GString::new()
    }

    fn export_begin(&mut self, features: PackedStringArray, _is_debug: bool, _path: GString, _flags: u32) {
        if features.contains("android") && !self.has_permission() {
            self.warn();
        }
    }

    // These must be there, but are never called: nothing is customized.

    fn customize_resource(&mut self, _resource: Gd<Resource>, _path: GString) -> Option<Gd<Resource>> {
        None
    }

    fn customize_scene(&mut self, _scene: Gd<Node>, _path: GString) -> Option<Gd<Node>> {
        None
    }

    fn get_customization_configuration_hash(&self) -> u64 {
        0
    }
}

impl EditorSocketIOExportPlugin {
    fn has_permission(&self) -> bool {
        let base = self.base();
        let custom = base.get_option(CUSTOM_PERMISSIONS_OPTION);
        base.get_option(PERMISSION_OPTION).booleanize()
            || custom.try_to::<PackedStringArray>().is_ok_and(|custom| custom.contains(PERMISSION))
    }

    fn warn(&self) {
        let mut base = self.base().clone();
        // From Godot 4.4 on an export has a report for its messages.
        let platform = if base.has_method("get_export_platform") {
            base.call("get_export_platform", &[]).try_to::<Gd<EditorExportPlatform>>().ok()
        } else {
            None
        };
        match platform.filter(|platform| platform.has_method("add_message")) {
            Some(mut platform) => {
                let message =
                    [EXPORT_MESSAGE_WARNING.to_variant(), CATEGORY.to_variant(), WARNING.to_variant()];
                platform.call("add_message", &message);
            }
            None => report::warning(format!("{CATEGORY}: {WARNING}")),
        }
    }
}
