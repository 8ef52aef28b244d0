//! What platforms count: follows of a day, figures of a page or of a post on a day.

use super::Form::{Day as DayForm, Int, Text};
use super::{Column, FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use assay_model::{AccountDay, Day, DayCount, Fact, Figures, PostDay, RowRef};

pub(crate) static DAY_COUNT: Kind = Kind {
    table: "day_count",
    view: "daily_counts",
    columns: &[
        column("day", DayForm),
        column("follows", Int),
        column("unfollows", Int),
        column("paid", Int),
        column("auto_invited", Int),
    ],
    versions: Versions::Figures(1),
    get: |get, source, take| {
        let Some(day) = get.day() else { return };
        take(Fact::DayCount(DayCount {
            day,
            follows: get.int(),
            unfollows: get.int(),
            paid: get.int(),
            auto_invited: get.int(),
            source,
        }));
    },
};

pub(crate) static ACCOUNT_DAY: Kind = Kind {
    table: "account_day",
    view: "account_daily",
    columns: &with_figures::<14>([column("day", DayForm), column("followers", Int)]),
    versions: Versions::Figures(1),
    get: |get, source, take| {
        let Some(day) = get.day() else { return };
        take(Fact::AccountDay(AccountDay { day, followers: get.int(), figures: figures(get), source }));
    },
};

pub(crate) static POST_DAY: Kind = Kind {
    table: "post_day",
    view: "post_daily",
    columns: &with_figures::<14>([column("post_id", Text), column("day", DayForm)]),
    versions: Versions::Figures(2),
    get: |get, source, take| {
        let post_id = get.text().unwrap_or_default();
        let Some(day) = get.day() else { return };
        take(Fact::PostDay(PostDay { post_id, day, figures: figures(get), source }));
    },
};

/// Two columns, then those of the figures.
const fn with_figures<const N: usize>(first: [Column; 2]) -> [Column; N] {
    let mut all = [first[0]; N];
    all[1] = first[1];
    let mut i = 0;
    while i + 2 < N {
        all[i + 2] = column(Figures::NAMES[i], Int);
        i += 1;
    }
    all
}

fn figures(get: &mut Get<'_>) -> Figures {
    Figures::of(std::array::from_fn(|_| get.int()))
}

/// A bit for each that is told.
fn told(values: impl IntoIterator<Item = bool>) -> i64 {
    values.into_iter().enumerate().map(|(i, is_told)| i64::from(is_told) << i).sum()
}

fn of_day(kind: FactKind, row: RowRef, identity: Identity, day: Day, live: i64) -> Lead {
    let key = identity.int(Some(i64::from(day.0))).end();
    Lead { kind, row, key, live, latest: Some(day.start()) }
}

pub(super) fn lead_of_count(count: &DayCount) -> Lead {
    let live = told([count.follows, count.unfollows, count.paid, count.auto_invited].map(|n| n.is_some()));
    of_day(FactKind::DayCount, count.source, Identity::of(4), count.day, live)
}

pub(super) fn lead_of_account(day: &AccountDay) -> Lead {
    let live = told([day.followers.is_some()].into_iter().chain(day.figures.values().map(|n| n.is_some())));
    of_day(FactKind::AccountDay, day.source, Identity::of(5), day.day, live)
}

pub(super) fn lead_of_post(day: &PostDay<'_>) -> Lead {
    let live = told(day.figures.values().map(|n| n.is_some()));
    of_day(FactKind::PostDay, day.source, Identity::of(6).text(Some(day.post_id)), day.day, live)
}

pub(super) fn put_count(count: &DayCount, put: &mut Put<'_, '_>) {
    put.day(Some(count.day));
    put.int(count.follows);
    put.int(count.unfollows);
    put.int(count.paid);
    put.int(count.auto_invited);
}

pub(super) fn put_account(day: &AccountDay, put: &mut Put<'_, '_>) {
    put.day(Some(day.day));
    put.int(day.followers);
    day.figures.values().into_iter().for_each(|n| put.int(n));
}

pub(super) fn put_post(day: &PostDay<'_>, put: &mut Put<'_, '_>) {
    put.text(Some(day.post_id));
    put.day(Some(day.day));
    day.figures.values().into_iter().for_each(|n| put.int(n));
}
