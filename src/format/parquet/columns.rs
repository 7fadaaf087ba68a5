//! From names to columns.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type};

use super::TableError;
use crate::format::record::Names;

/// The columns that matter, by their places among all columns.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The columns that hold text, in the order of the table, each with the place of its name among the names.
    pub(super) texts: Vec<(usize, usize)>,
    /// The columns that say something of a row.
    pub(super) sides: Vec<(Side, usize)>,
}

/// What a column says of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Site,
    Title,
    Id,
    Lang,
}

impl Columns {
    /// Finds the columns of these names.
    pub(super) fn find(schema: &SchemaDescriptor, names: &Names) -> Result<Self, TableError> {
        let mut short = Vec::new();
        for field in schema.root_schema().get_fields() {
            short_names(field, String::new(), &mut short);
        }
        let find = |name: &str| {
            let columns = schema.columns().iter();
            let by_path = columns
                .clone()
                .position(|column| column.path().string() == name);
            by_path
                .or_else(|| short.iter().position(|short| short == name))
                .or_else(|| {
                    // `paragraphs[]` says in so many words what the short name means.
                    let plain = name.replace("[]", "");
                    short.iter().position(|short| *short == plain)
                })
                .ok_or_else(|| missing(name, &short))
        };
        let mut texts: Vec<(usize, usize)> = Vec::new();
        for (field, name) in names.texts.iter().enumerate() {
            let place = find(name)?;
            check_text(name, &schema.column(place))?;
            // A column named twice is cleaned once.
            if texts.iter().all(|(taken, _)| *taken != place) {
                texts.push((place, field));
            }
        }
        texts.sort_unstable();
        let mut sides = Vec::new();
        for (side, name) in [
            (Side::Site, &names.site),
            (Side::Title, &names.title),
            (Side::Id, &names.id),
            (Side::Lang, &names.lang),
        ] {
            let Some(name) = name else { continue };
            let place = find(name)?;
            match schema.column(place).physical_type() {
                Physical::BYTE_ARRAY | Physical::INT32 | Physical::INT64 => {
                    sides.push((side, place));
                }
                other => {
                    let message = format!("column `{name}` is of type {other}, and holds no names");
                    return Err(TableError::new(
                        "",
                        message,
                        "name a column of strings or whole numbers",
                    ));
                }
            }
        }
        Ok(Self { texts, sides })
    }
}

fn missing(name: &str, all: &[String]) -> TableError {
    let groups = all
        .iter()
        .filter(|column| {
            column
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'))
        })
        .collect::<Vec<_>>();
    let (what, shown) = if groups.is_empty() {
        (
            format!("no column `{name}`; the columns are"),
            all.iter().collect(),
        )
    } else {
        (format!("`{name}` is a group of columns:"), groups)
    };
    let shown: Vec<String> = shown
        .into_iter()
        .take(20)
        .map(|column| format!("`{column}`"))
        .collect();
    TableError::new(
        "",
        format!("{what} {}", shown.join(", ")),
        "name one of them, as in --field text",
    )
}

/// Refuses columns that hold something else than text.
fn check_text(name: &str, column: &ColumnDescPtr) -> Result<(), TableError> {
    let is_text = column.physical_type() == Physical::BYTE_ARRAY
        && matches!(
            (column.logical_type_ref(), column.converted_type()),
            (None, ConvertedType::NONE | ConvertedType::UTF8) | (Some(LogicalType::String), _)
        );
    if is_text {
        return Ok(());
    }
    let kind = column.logical_type_ref().map_or_else(
        || column.physical_type().to_string(),
        |logical| format!("{logical:?}"),
    );
    Err(TableError::new(
        "",
        format!("column `{name}` is of type {kind}, and holds no text"),
        "name a column of strings",
    ))
}

/// Adds the names of all columns below a node, in their order, without the layers between lists and their elements.
fn short_names(node: &Type, before: String, names: &mut Vec<String>) {
    let path = if before.is_empty() {
        node.name().to_owned()
    } else {
        format!("{before}.{}", node.name())
    };
    below(node, path, names);
}

/// Adds the names of all columns at a node whose own name is known.
fn below(node: &Type, path: String, names: &mut Vec<String>) {
    if node.is_primitive() {
        names.push(path);
        return;
    }
    let info = node.get_basic_info();
    let is_list = info.converted_type() == ConvertedType::LIST
        || matches!(info.logical_type_ref(), Some(LogicalType::List));
    if is_list
        && let [repeated] = node.get_fields()
        && repeated.get_basic_info().has_repetition()
        && repeated.get_basic_info().repetition() == Repetition::REPEATED
    {
        // Three layers as the format wants them, or two as old writers made them.
        match repeated.as_ref() {
            Type::GroupType { fields, .. } if fields.len() == 1 => {
                below(&fields[0], path, names);
            }
            repeated => below(repeated, path, names),
        }
        return;
    }
    for field in node.get_fields() {
        short_names(field, path.clone(), names);
    }
}
