//! The columns of a Tree.

use godot::classes::Tree;
use godot::classes::tree::SelectMode;
use godot::global::HorizontalAlignment;
use godot::obj::{Gd, NewAlloc as _};

use super::palette::scaled;

/// A column: title, share of the width, narrowest width, and whether it is a number.
pub(super) type Column = (&'static str, f32, f32, bool);

/// A tree of rows with these columns.
pub(super) fn tree(name: &str, columns: &[Column]) -> Gd<Tree> {
    let mut tree = Tree::new_alloc();
    tree.set_name(name);
    tree.set_columns(columns.len() as i32);
    tree.set_column_titles_visible(true);
    for (column, (title, width, narrowest, is_number)) in (0..).zip(columns) {
        tree.set_column_title(column, *title);
        share_width(&mut tree, column, *width, *narrowest);
        tree.set_column_title_alignment(column, alignment(*is_number));
    }
    tree.set_hide_root(true);
    tree.set_select_mode(SelectMode::ROW);
    tree
}

/// Has a column take its share of the tree, which is its width where there is room for all. It is never narrower than that,
/// nor than its title: where the tree has no room for that, it scrolls.
fn share_width(tree: &mut Gd<Tree>, column: i32, width: f32, narrowest: f32) {
    tree.set_column_expand(column, true);
    tree.set_column_expand_ratio(column, width as i32);
    tree.set_column_custom_minimum_width(column, scaled(narrowest) as i32);
    tree.set_column_clip_content(column, true);
}

pub(super) fn alignment(is_number: bool) -> HorizontalAlignment {
    if is_number { HorizontalAlignment::RIGHT } else { HorizontalAlignment::LEFT }
}
