//! What accounts did with posts or towards a page.

use super::Form::{Flag, Text, Time, Word};
use super::{FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use assay_model::{Engagement, EngagementKind, Fact, RowRef};

pub(crate) static KIND: Kind = Kind {
    table: "engagement",
    view: "engagements",
    columns: &[
        column("at", Time),
        column("kind", Word),
        column("by_page", Flag),
        column("account_id", Text),
        column("handle", Text),
        column("display_name", Text),
        column("post_id", Text),
        column("engagement_id", Text),
        column("answers", Text),
        column("text", Text),
    ],
    versions: Versions::Newest,
    get: |get, row, take| {
        if let Some(engagement) = engagement(get, row) {
            take(Fact::Engagement(engagement));
        }
    },
};

pub(super) fn lead(e: &Engagement<'_>) -> Lead {
    let what = Identity::of(11).text(Some(e.kind.name())).int(Some(i64::from(e.by_page)));
    let key = match e.engagement_id.filter(|id| !id.is_empty()) {
        Some(id) => what.int(None).text(Some(id)),
        None => {
            what.int(e.at.map(|t| t.0)).text(e.account_id).name(e.handle).text(e.post_id).text(e.answers).text(e.text)
        }
    };
    Lead { kind: FactKind::Engagement, row: e.source, key: key.end(), live: 1, latest: e.at }
}

pub(super) fn put(e: &Engagement<'_>, put: &mut Put<'_, '_>) {
    put.time(e.at);
    put.word(Some(e.kind.name()));
    put.int(Some(e.by_page));
    put.text(e.account_id);
    put.text(e.handle);
    put.text(e.display_name);
    put.text(e.post_id);
    put.text(e.engagement_id);
    put.text(e.answers);
    put.text(e.text);
}

fn engagement<'r>(get: &mut Get<'r>, source: RowRef) -> Option<Engagement<'r>> {
    let at = get.time();
    let kind = get.word();
    let kind = EngagementKind::ALL.into_iter().find(|k| Some(k.name()) == kind)?;
    Some(Engagement {
        at,
        kind,
        by_page: get.int::<i64>() == Some(1),
        account_id: get.text(),
        handle: get.text(),
        display_name: get.text(),
        post_id: get.text(),
        engagement_id: get.text(),
        answers: get.text(),
        text: get.text(),
        source,
    })
}
