//! The dialog that emits an event.

use godot::builtin::{VarArray, Vector2};
use godot::classes::control::SizeFlags;
use godot::classes::text_edit::LineWrappingMode;
use godot::classes::text_server::AutowrapMode;
use godot::classes::{
    BaseButton, ConfirmationDialog, Control, GridContainer, Label, LineEdit, OptionButton, TextEdit,
    VBoxContainer,
};
use godot::obj::{Gd, NewAlloc as _};

use super::palette::{Palette, scaled};
use crate::editor::arguments;
use crate::editor::traffic::{Client, Scope};

pub(super) struct EmitDialog {
    pub window: Gd<ConfirmationDialog>,
    pub target: Gd<OptionButton>,
    pub namespace: Gd<LineEdit>,
    pub event: Gd<LineEdit>,
    pub arguments: Gd<TextEdit>,
    problem: Gd<Label>,
}

/// An event to be emitted.
pub(super) struct Emission {
    pub target: Target,
    pub namespace: String,
    pub event: String,
    pub arguments: VarArray,
}

/// Who gets the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Server,
    /// The listeners of the game, as if the server had sent it.
    Game,
}

impl EmitDialog {
    pub(super) fn new() -> Self {
        let mut form = GridContainer::new_alloc();
        form.set_columns(2);
        form.set_v_size_flags(SizeFlags::EXPAND_FILL);
        let mut add = |title: &str, field: Gd<Control>, name: &str| {
            let mut label = Label::new_alloc();
            label.set_text(title);
            label.set_v_size_flags(SizeFlags::SHRINK_BEGIN);
            let mut field = field;
            field.set_name(name);
            field.set_h_size_flags(SizeFlags::EXPAND_FILL);
            form.add_child(&label);
            form.add_child(&field);
        };
        let mut target = OptionButton::new_alloc();
        target.add_item("To the Server");
        target.add_item("To the Game, as if Received");
        let namespace = LineEdit::new_alloc();
        let mut event = LineEdit::new_alloc();
        event.set_placeholder("chat");
        let mut arguments = TextEdit::new_alloc();
        arguments.set_placeholder("[\"hello\", {\"x\": 1}]");
        arguments.set_line_wrapping_mode(LineWrappingMode::BOUNDARY);
        arguments.set_v_size_flags(SizeFlags::EXPAND_FILL);
        arguments.set_custom_minimum_size(Vector2::new(scaled(320.0), scaled(90.0)));
        add("Send", target.clone().upcast(), "Target");
        add("Namespace", namespace.clone().upcast(), "Namespace");
        add("Event", event.clone().upcast(), "Event");
        add("Arguments", arguments.clone().upcast(), "Arguments");
        arguments.set_tooltip_text("A JSON array: what stands behind the event's name in emit().");

        let mut problem = Label::new_alloc();
        problem.set_name("Problem");
        problem.set_autowrap_mode(AutowrapMode::WORD_SMART);
        // Without a width, it would be as high as if each letter had a line of its own.
        problem.set_custom_minimum_size(Vector2::new(scaled(400.0), scaled(24.0)));
        let mut content = VBoxContainer::new_alloc();
        content.add_child(&form);
        content.add_child(&problem);
        let mut window = ConfirmationDialog::new_alloc();
        window.set_name("EmitDialog");
        window.set_title("Emit Event");
        window.set_ok_button_text("Emit");
        window.set_visible(false);
        window.add_child(&content);
        Self { window, target, namespace, event, arguments, problem }
    }

    pub(super) fn use_theme(&self, palette: &Palette) {
        self.problem.clone().add_theme_color_override("font_color", palette.error);
    }

    /// Opens for the namespace that is chosen. What was typed last time is still there.
    pub(super) fn open(&self, scope: &Scope, client: Option<&Client>) {
        let has = |path: &str| {
            client.is_some_and(|client| client.namespaces.iter().any(|namespace| namespace.path == path))
        };
        let (mut field, typed) = (self.namespace.clone(), self.namespace.get_text().to_string());
        match scope {
            Scope::Namespace(_, path) => field.set_text(path),
            _ if typed.is_empty() || !has(&typed) => field.set_text("/"),
            _ => {}
        }
        self.check();
        let size = Vector2::new(scaled(440.0), scaled(280.0)).to_vector2i();
        self.window.clone().popup_centered_ex().minsize(size).done();
        self.event.clone().grab_focus();
    }

    /// Tells what is wrong with what is typed, and lets nothing wrong be emitted.
    pub(super) fn check(&self) {
        let problem = self.emission().err();
        let mut label = self.problem.clone();
        label.set_text(problem.as_deref().unwrap_or_default());
        if let Some(button) = self.window.clone().get_ok_button() {
            button.upcast::<BaseButton>().set_disabled(problem.is_some());
        }
    }

    /// What is to be emitted.
    ///
    /// # Errors
    /// A sentence that tells what is wrong.
    pub(super) fn emission(&self) -> Result<Emission, String> {
        let namespace = self.namespace.get_text().to_string();
        if !namespace.starts_with('/') {
            return Err(
                "Begin the namespace with \"/\", such as \"/chat\". The main one is \"/\".".to_owned()
            );
        }
        let event = self.event.get_text().to_string();
        if event.is_empty() {
            return Err("Write the event's name, such as \"chat\".".to_owned());
        }
        let arguments = arguments::parse(&self.arguments.get_text().to_string())?;
        let target = if self.target.get_selected() == 1 { Target::Game } else { Target::Server };
        Ok(Emission { target, namespace, event, arguments })
    }
}
