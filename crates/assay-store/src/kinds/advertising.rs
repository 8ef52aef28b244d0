//! What advertising cost and brought.

use super::Form::{Day, Int, Money, Real, Text, Word};
use super::{FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use assay_model::{AdRow, Fact, RowRef};

pub(crate) static KIND: Kind = Kind {
    table: "ad",
    view: "ad_spend",
    columns: &[
        column("from_day", Day),
        column("to_day", Day),
        column("platform", Word),
        column("campaign_id", Word),
        column("campaign", Word),
        column("ad_set_id", Word),
        column("ad_set", Word),
        column("ad_id", Text),
        column("ad", Word),
        column("age", Word),
        column("gender", Word),
        column("interest", Word),
        column("region", Word),
        column("spend", Money),
        column("currency", Word),
        column("impressions", Int),
        column("reach", Int),
        column("clicks", Int),
        column("engagements", Int),
        column("follows", Int),
        column("conversions", Real),
        column("purchases", Real),
        column("conversion_value", Money),
        column("attribution", Word),
    ],
    versions: Versions::Together,
    get: |get, row, take| take(Fact::Ad(&ad(get, row))),
};

pub(super) fn lead(row: &AdRow<'_>) -> Lead {
    let either = |id: Option<&str>, name: Option<&str>| match id.filter(|t| !t.is_empty()) {
        Some(id) => Identity::of(0).text(Some(id)).end(),
        None => Identity::of(1).text(name).end(),
    };
    let days = [row.from, row.to].map(|d| d.map(|d| i64::from(d.0)));
    let key = Identity::of(12)
        .int(days[0])
        .int(days[1])
        .text(row.platform)
        .int(Some(either(row.campaign_id, row.campaign)))
        .int(Some(either(row.ad_set_id, row.ad_set)))
        .int(Some(either(row.ad_id, row.ad)))
        .text(row.age)
        .text(row.gender)
        .text(row.interest)
        .text(row.region)
        .text(row.attribution)
        .end();
    let latest = row.to.or(row.from).map(assay_model::Day::start);
    Lead { kind: FactKind::Ad, row: row.source, key, live: 1, latest }
}

pub(super) fn put(row: &AdRow<'_>, put: &mut Put<'_, '_>) {
    put.day(row.from);
    put.day(row.to);
    put.word(row.platform);
    put.word(row.campaign_id);
    put.word(row.campaign);
    put.word(row.ad_set_id);
    put.word(row.ad_set);
    put.text(row.ad_id);
    put.word(row.ad);
    put.word(row.age);
    put.word(row.gender);
    put.word(row.interest);
    put.word(row.region);
    put.money(row.spend, row.currency);
    put.word(row.currency);
    put.int(row.impressions);
    put.int(row.reach);
    put.int(row.clicks);
    put.int(row.engagements);
    put.int(row.follows);
    put.real(row.conversions);
    put.real(row.purchases);
    put.money(row.conversion_value, row.currency);
    put.word(row.attribution);
}

fn ad<'r>(get: &mut Get<'r>, source: RowRef) -> AdRow<'r> {
    AdRow {
        from: get.day(),
        to: get.day(),
        platform: get.word(),
        campaign_id: get.word(),
        campaign: get.word(),
        ad_set_id: get.word(),
        ad_set: get.word(),
        ad_id: get.text(),
        ad: get.word(),
        age: get.word(),
        gender: get.word(),
        interest: get.word(),
        region: get.word(),
        spend: get.money(),
        currency: get.word(),
        impressions: get.int(),
        reach: get.int(),
        clicks: get.int(),
        engagements: get.int(),
        follows: get.int(),
        conversions: get.real(),
        purchases: get.real(),
        conversion_value: get.money(),
        attribution: get.word(),
        source,
    }
}
