//! Labels: `account_id` or `handle`, and `label`; `stratum` and `stratum_size` where the rows were drawn by assay.

use super::{Ledger, read_table};
use crate::columns::ColumnNames;
use crate::error::{ImportError, quote};
use assay_model::find_column as find;
use assay_model::{Label, LabelTable, Stratum};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    AccountId,
    Handle,
    Label,
    Stratum,
    StratumSize,
}

const COLUMNS: [Column; 5] = [Column::AccountId, Column::Handle, Column::Label, Column::Stratum, Column::StratumSize];

/// The columns of a table of labels.
pub static LABEL_COLUMNS: &[ColumnNames] = &[
    ColumnNames {
        name: "account_id",
        meaning: "the account's id, as the export tells it",
        aliases: &["id", "user_id", "did"],
    },
    ColumnNames {
        name: "handle",
        meaning: "the account's name, without @",
        aliases: &["username", "screen_name", "acct"],
    },
    ColumnNames { name: "label", meaning: "inauthentic or genuine (or bought, person)", aliases: &["class", "truth"] },
    ColumnNames { name: "stratum", meaning: "which part of the audience it was drawn from", aliases: &[] },
    ColumnNames { name: "stratum_size", meaning: "how many followers that part holds", aliases: &[] },
];

/// Reads a table of labels. Blank labels are counted: a table of `--sample-to-label` may be given back half done.
///
/// # Errors
/// If the file cannot be read, or its header names no follower and no label.
pub fn read_labels(path: &Path) -> Result<LabelTable, ImportError> {
    let mut table = LabelTable::default();
    let needs = |columns: &[Column]| {
        let names = columns.contains(&Column::AccountId) || columns.contains(&Column::Handle);
        match (names, columns.contains(&Column::Label)) {
            (true, true) => Ok(()),
            (true, false) => Err("no column `label`".to_owned()),
            (false, _) => Err("neither a column `account_id` nor `handle`".to_owned()),
        }
    };
    let Ledger { file, rejects } = read_table(
        path,
        |name| find(LABEL_COLUMNS, name).map(|i| COLUMNS[i]),
        needs,
        "a table of labels with the columns account_id or handle, and label",
        |cell| {
            let (account_id, handle) = (cell(Column::AccountId), cell(Column::Handle));
            let handle = handle.map(|h| h.strip_prefix('@').unwrap_or(&h).to_owned());
            if account_id.is_none() && handle.is_none() {
                return Err("no account_id and no handle".to_owned());
            }
            let Some(label) = cell(Column::Label) else {
                table.n_blank += 1;
                return Ok(());
            };
            let is_inauthentic = match label.to_lowercase().as_str() {
                "inauthentic" | "bought" => true,
                "genuine" | "person" => false,
                _ => return Err(format!("label: expected inauthentic or genuine, found {}", quote(&label))),
            };
            let number = |c| cell(c).and_then(|text| text.parse::<u64>().ok());
            let stratum = number(Column::Stratum).zip(number(Column::StratumSize));
            let stratum = stratum.map(|(id, size)| Stratum { id: u32::try_from(id).unwrap_or(u32::MAX), size });
            table.labels.push(Label { account_id, handle, is_inauthentic, stratum });
            Ok(())
        },
    )?;
    Ok(LabelTable { rejects, file: Some(file), ..table })
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::read_labels;

    #[test]
    fn labels_are_read_with_aliases_and_faults_are_counted() {
        let path = written(
            "labels.csv",
            "Handle;Label;stratum;stratum size\n@anna;Bought;2;40\nbob;genuine;;\n'-carl;person;2;40\ndora;;1;9\nemil;maybe;1;9\n;bought;1;9\n",
        );
        let table = read_labels(&path).expect("a table");
        let told: Vec<_> = table.labels.iter().map(|l| (l.handle.as_deref().unwrap_or(""), l.is_inauthentic)).collect();
        assert_eq!(told, [("anna", true), ("bob", false), ("-carl", false)]);
        assert_eq!(table.labels[0].stratum.map(|s| (s.id, s.size)), Some((2, 40)));
        assert_eq!(table.labels[1].stratum, None);
        let file = table.file.expect("a file");
        assert_eq!((table.n_blank, file.rows, file.taken, file.rejected), (1, 6, 4, 2));
        assert_eq!(table.rejects[0].line, 6);
        assert!(table.rejects[0].why.contains("`maybe`"), "{}", table.rejects[0].why);
    }

    #[test]
    fn a_table_of_something_else_is_refused_with_what_it_lacks() {
        for (name, text, told) in [
            ("a.csv", "handle,vendor\nx,y\n", "no column `label`"),
            ("b.csv", "label,x\nbought,1\n", "neither a column"),
            ("c.csv", "", "no row that names"),
        ] {
            let error = read_labels(&written(name, text)).expect_err(name).to_string();
            assert!(error.contains(told) && error.contains("hint"), "{error}");
        }
        assert!(read_labels(std::path::Path::new("nowhere.csv")).is_err());
    }
}
