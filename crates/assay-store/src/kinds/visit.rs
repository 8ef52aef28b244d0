//! Visits to a site, and the business's own contacts.

use super::Form::{Day, Int, Money, Real, Text, Time, Word};
use super::{FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use crate::secret::Secret;
use assay_model::{Contact, Fact, RowRef, VisitRow};

pub(crate) static KIND: Kind = Kind {
    table: "visit",
    view: "visits",
    columns: &[
        column("from_day", Day),
        column("to_day", Day),
        column("came_from", Word),
        column("medium", Word),
        column("campaign", Word),
        column("visited_page", Word),
        column("visitors", Int),
        column("visits", Int),
        column("page_views", Int),
        column("engaged_visits", Int),
        column("conversions", Real),
        column("revenue", Money),
        column("currency", Word),
    ],
    versions: Versions::Together,
    get: |get, row, take| take(Fact::Visit(visit(get, row))),
};

pub(crate) static CONTACT: Kind = Kind {
    table: "contact",
    view: "contacts",
    columns: &[
        column("contact_id", Text),
        column("email_key", Text),
        column("handle", Text),
        column("created_at", Time),
        column("stage", Word),
        column("came_from", Word),
    ],
    versions: Versions::Newest,
    get: |get, row, take| take(Fact::Contact(contact(get, row))),
};

pub(super) fn lead(row: &VisitRow<'_>) -> Lead {
    let days = [row.from, row.to].map(|d| d.map(|d| i64::from(d.0)));
    let key = Identity::of(18)
        .int(days[0])
        .int(days[1])
        .text(row.came_from)
        .text(row.medium)
        .text(row.campaign)
        .text(row.page)
        .end();
    let latest = row.to.or(row.from).map(assay_model::Day::start);
    Lead { kind: FactKind::Visit, row: row.source, key, live: 1, latest }
}

pub(super) fn lead_of_contact(contact: &Contact<'_>, secret: &Secret) -> Lead {
    let told = |text: Option<&'_ str>| text.is_some_and(|t| !t.is_empty());
    let by_id = |id: &str| {
        let key = Identity::of(19).text(Some(id));
        if secret.customer_key(id).is_some() { secret.sealed(key.end()) } else { key.end() }
    };
    let key = if let Some(id) = contact.contact_id.filter(|id| !id.is_empty()) {
        by_id(id)
    } else if told(contact.email) {
        // By the keyed hash: an address must not be guessed from what is kept.
        Identity::of(20).text(contact.email.map(|e| secret.email_key(e)).as_deref()).end()
    } else if told(contact.handle) {
        Identity::of(21).name(contact.handle).end()
    } else {
        let at = contact.created_at.map(|t| t.0);
        Identity::of(22).int(at).text(contact.stage).text(contact.came_from).end()
    };
    Lead { kind: FactKind::Contact, row: contact.source, key, live: 1, latest: contact.created_at }
}

pub(super) fn put(row: &VisitRow<'_>, put: &mut Put<'_, '_>) {
    put.day(row.from);
    put.day(row.to);
    put.word(row.came_from);
    put.word(row.medium);
    put.word(row.campaign);
    put.word(row.page);
    put.int(row.visitors);
    put.int(row.visits);
    put.int(row.page_views);
    put.int(row.engaged_visits);
    put.real(row.conversions);
    put.money(row.revenue, row.currency);
    put.word(row.currency);
}

pub(super) fn put_contact(contact: &Contact<'_>, put: &mut Put<'_, '_>) {
    put.customer(contact.contact_id);
    put.email(contact.email);
    put.text(contact.handle);
    put.time(contact.created_at);
    put.word(contact.stage);
    put.word(contact.came_from);
}

fn visit<'r>(get: &mut Get<'r>, source: RowRef) -> VisitRow<'r> {
    VisitRow {
        from: get.day(),
        to: get.day(),
        came_from: get.word(),
        medium: get.word(),
        campaign: get.word(),
        page: get.word(),
        visitors: get.int(),
        visits: get.int(),
        page_views: get.int(),
        engaged_visits: get.int(),
        conversions: get.real(),
        revenue: get.money(),
        currency: get.word(),
        source,
    }
}

fn contact<'r>(get: &mut Get<'r>, source: RowRef) -> Contact<'r> {
    Contact {
        contact_id: get.text(),
        email: get.text(),
        handle: get.text(),
        created_at: get.time(),
        stage: get.word(),
        came_from: get.word(),
        source,
    }
}
