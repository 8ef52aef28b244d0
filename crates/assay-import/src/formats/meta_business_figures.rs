//! Meta Business Suite: views, reach, interactions, link clicks and visits of each day, a metric a file. The layout is that of
//! [`super::meta_business_suite`], which reads files with follows.

use super::meta_business_suite::{Metric, layout, metric, read_all};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "meta-business-figures",
    sentence: "Daily views, reach, interactions, link clicks and visits from Meta Business Suite, a metric a file.",
    source: "business.facebook.com, Insights, Results, a chart, export as CSV",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::Figures,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "Reach.csv",
                b"\xff\xfes\0e\0p\0=\0,\0\n\0\"\0R\0e\0a\0c\0h\0\"\0\n\0\"\0D\0a\0t\0e\0\"\0,\0\"\0P\0r\0i\0m\0a\0r\0y\0\"\0\n\0\
                  \"\x002\x000\x002\x006\0-\x000\x009\0-\x000\x002\0T\x000\x000\0:\x000\x000\0:\x000\x000\0\"\0,\0\"\x005\0\"\0\n\0",
            ),
            ("Views.csv", b"sep=,\n\"Visualizaciones\"\n\"Date\",\"Primary\"\n\"2026-09-02T00:00:00\",\"12\"\n"),
        ],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    match layout(peek) {
        None => Claim::No,
        Some(titles) if titles.iter().any(|t| matches!(metric(t), Metric::Figure(_))) => Claim::List,
        Some(_) => Claim::Refused {
            found: "a metric of Meta Business Suite whose name is not known",
            hint: "export follows, views, reach, interactions, link clicks or visits; if these are follows in another \
                   language, say --as meta-business-suite",
        },
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    read_all(reading, false)
}
