//! The plugin of the editor's debugger: each session, of which there is one for each game that runs at the same time,
//! gets an inspector.

use std::collections::HashMap;
use std::rc::Rc;

use godot::builtin::{GString, VarArray};
use godot::classes::{EditorDebuggerPlugin, IEditorDebuggerPlugin};
use godot::obj::{Base, WithBaseField as _};
use godot::prelude::{GodotClass, godot_api};

use super::inspector::Inspector;
use super::message::{CAPTURE, Message};

#[derive(GodotClass)]
#[class(tool, init, internal, base = EditorDebuggerPlugin)]
pub(super) struct EditorSocketIODebugger {
    base: Base<EditorDebuggerPlugin>,
    inspectors: HashMap<i32, Rc<Inspector>>,
}

#[godot_api]
impl IEditorDebuggerPlugin for EditorSocketIODebugger {
    fn setup_session(&mut self, session_id: i32) {
        let Some(session) = self.base().get_session(session_id) else { return };
        if let Some(other) = self.inspectors.insert(session_id, Inspector::open(session)) {
            other.close();
        }
    }

    fn has_capture(&self, capture: GString) -> bool {
        capture == CAPTURE
    }

    fn capture(&mut self, message: GString, data: VarArray, session_id: i32) -> bool {
        if let Some(inspector) = self.inspectors.get(&session_id)
            && let Some(message) = Message::read(&message.to_string(), &data)
        {
            inspector.take(message);
        }
        // Also what is not understood: the editor would print an error about it.
        true
    }
}

impl EditorSocketIODebugger {
    /// Takes the tabs out of the editor, with everything in them that would call back into the library.
    pub(super) fn close(&mut self) {
        for inspector in std::mem::take(&mut self.inspectors).into_values() {
            inspector.close();
        }
    }
}
