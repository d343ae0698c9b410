//! Tables as Markdown has them, which can be read in a terminal, too.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

/// A table with these rows, each line with its end.
pub(crate) fn table<R: IntoIterator<Item = String>>(
    head: impl IntoIterator<Item = String>,
    rows: impl IntoIterator<Item = R>,
) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(head.into_iter().collect::<Vec<_>>());
    table.add_rows(rows.into_iter().map(|row| row.into_iter().collect::<Vec<_>>()));
    format!("{table}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned);
        let expected = "| a | b    |\n|---|------|\n| c | long |\n";
        assert_eq!(table(row(["a", "b"]), [row(["c", "long"])]), expected);
    }
}
