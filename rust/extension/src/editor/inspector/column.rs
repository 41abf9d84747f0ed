//! The columns of a Tree.

use godot::classes::Tree;
use godot::global::HorizontalAlignment;
use godot::obj::Gd;

use super::palette::scaled;

/// How far a column may shrink, as a part of its width: the editor's other docks keep their place beside the tab.
const NARROWEST: f32 = 0.3;

/// Has a column take its share of the tree, which is its width where there is room for all.
pub(super) fn share_width(tree: &mut Gd<Tree>, column: i32, width: f32) {
    tree.set_column_expand(column, true);
    tree.set_column_expand_ratio(column, width as i32);
    tree.set_column_custom_minimum_width(column, scaled(width * NARROWEST) as i32);
    tree.set_column_clip_content(column, true);
}

pub(super) fn alignment(is_number: bool) -> HorizontalAlignment {
    if is_number { HorizontalAlignment::RIGHT } else { HorizontalAlignment::LEFT }
}
