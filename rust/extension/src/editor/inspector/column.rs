//! The columns of a Tree.

use godot::classes::Tree;
use godot::global::HorizontalAlignment;
use godot::obj::Gd;

use super::palette::scaled;

/// Has a column take its share of the tree, which is its width where there is room for all. It is never narrower than that,
/// nor than its title: where the tree has no room for that, it scrolls.
pub(super) fn share_width(tree: &mut Gd<Tree>, column: i32, width: f32, narrowest: f32) {
    tree.set_column_expand(column, true);
    tree.set_column_expand_ratio(column, width as i32);
    tree.set_column_custom_minimum_width(column, scaled(narrowest) as i32);
    tree.set_column_clip_content(column, true);
}

pub(super) fn alignment(is_number: bool) -> HorizontalAlignment {
    if is_number { HorizontalAlignment::RIGHT } else { HorizontalAlignment::LEFT }
}
