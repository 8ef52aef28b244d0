//! Rows of a question in SQL as text, for a page to show.

use assay_model::Go;
use assay_store::{Answer, Answers};

/// The names of the columns, and the rows.
#[derive(Debug, Default)]
pub struct Rows {
    /// The names.
    pub names: Vec<String>,
    /// The rows; what is not known is empty.
    pub rows: Vec<Vec<String>>,
}

impl Answers for Rows {
    fn columns(&mut self, names: &[String]) -> Go {
        self.names = names.to_vec();
        Go::On
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        let cell = |v: &Answer<'_>| match v {
            Answer::Null => String::new(),
            Answer::Int(n) => n.to_string(),
            Answer::Real(x) => x.to_string(),
            Answer::Text(t) => (*t).to_owned(),
            Answer::Bytes(b) => format!("{} bytes", b.len()),
        };
        self.rows.push(values.iter().map(cell).collect());
        Go::On
    }
}
