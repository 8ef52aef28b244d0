//! A plain follower table: delimited text, JSON or Parquet, with columns known by their names.

use crate::columns::Column;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::Clock;
use crate::reading::Reading;
use crate::table::{self, Gathered, is_follower_header};
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "table",
    sentence: "A table with a follower a row, as CSV, TSV, JSON lines, a JSON list or Parquet.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Followers,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "followers.csv",
                b"account_id,Handle,followRank,followed_at,created_at,followers,following,verified,vendor\n\
                  1,anna,0,2024-05-01T10:20:30Z,2013-08-11T08:08:08Z,\"1,204\",310,1,\n\
                  2,ben,1,2024-05-01 10:25:00+02:00,2019-01-01,12,44,false,x\n",
            ),
            (
                "more.json",
                b"[{\"id\":3,\"screen_name\":\"cleo\",\"followers_count\":7,\"friends_count\":9,\"follow_rank\":2}]",
            ),
        ],
        n_taken: 3,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    if table::recognise::<Column>(peek, is_follower_header) { Claim::List } else { table::may_be(peek) }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut gathered = Gathered::default();
    gathered.clues.clock = Clock::new(reading.bundle.options());
    table::read(reading, &mut gathered)?;
    gathered.conclude(reading)
}
