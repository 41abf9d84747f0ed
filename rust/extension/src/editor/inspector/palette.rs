//! The colours, icons and sizes of the editor's theme.

use godot::builtin::Color;
use godot::classes::{Control, EditorInterface, Texture2D};
use godot::obj::{Gd, Singleton as _};

use crate::editor::traffic::{Direction, Kind, State};

pub(super) struct Palette {
    control: Gd<Control>,
    pub accent: Color,
    pub text: Color,
    /// For what matters less.
    pub dim: Color,
    success: Color,
    pub warning: Color,
    pub error: Color,
    /// A white circle, to be coloured.
    pub dot: Option<Gd<Texture2D>>,
    arrows: [Option<Gd<Texture2D>>; 2],
}

impl Palette {
    /// What a control in the editor's window finds.
    pub(super) fn of(control: &Gd<Control>) -> Self {
        let color = |name: &str| control.get_theme_color_ex(name).theme_type("Editor").done();
        let text = control.get_theme_color_ex("font_color").theme_type("Label").done();
        Self {
            control: control.clone(),
            accent: color("accent_color"),
            text,
            dim: Color { a: text.a * 0.55, ..text },
            success: color("success_color"),
            warning: color("warning_color"),
            error: color("error_color"),
            dot: control.get_theme_icon_ex("GuiGraphNodePort").theme_type("EditorIcons").done(),
            arrows: ["ArrowDown", "ArrowUp"]
                .map(|name| control.get_theme_icon_ex(name).theme_type("EditorIcons").done()),
        }
    }

    pub(super) fn icon(&self, name: &str) -> Option<Gd<Texture2D>> {
        self.control.get_theme_icon_ex(name).theme_type("EditorIcons").done()
    }

    pub(super) fn of_state(&self, state: State) -> Color {
        match state {
            State::Disconnected => self.dim,
            State::Connecting => self.warning,
            State::Connected => self.success,
        }
    }

    pub(super) fn of_direction(&self, direction: Direction) -> Color {
        match direction {
            Direction::In => self.success,
            Direction::Out => self.accent,
        }
    }

    pub(super) fn arrow(&self, direction: Direction) -> Option<&Gd<Texture2D>> {
        self.arrows[direction as usize].as_ref()
    }

    pub(super) fn of_kind(&self, kind: Kind) -> Color {
        match kind {
            Kind::Event | Kind::Ack => self.text,
            Kind::ConnectError => self.error,
            Kind::Disconnect | Kind::Close | Kind::Transport => self.warning,
            _ => self.dim,
        }
    }
}

/// A length in pixels, for the editor's display scale.
pub(super) fn scaled(pixels: f32) -> f32 {
    pixels * EditorInterface::singleton().get_editor_scale()
}
