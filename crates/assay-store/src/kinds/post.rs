//! Posts.

use super::Form::{Flag, Int, Real, Text, Time, Word};
use super::{FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use assay_model::{Fact, Post, RowRef};

pub(crate) static KIND: Kind = Kind {
    table: "post",
    view: "posts",
    columns: &[
        column("post_id", Text),
        column("link", Text),
        column("text", Text),
        column("published_at", Time),
        column("month", Int),
        column("weekday", Int),
        column("hour", Int),
        column("kind", Word),
        column("reach", Int),
        column("fan_reach", Int),
        column("impressions", Int),
        column("views", Int),
        column("engagements", Int),
        column("likes", Int),
        column("comments", Int),
        column("shares", Int),
        column("saves", Int),
        column("clicks", Int),
        column("follows", Int),
        column("paid", Flag),
        column("randomised", Flag),
        column("spend", Real),
        column("audience", Word),
        column("followers", Int),
    ],
    versions: Versions::Merged,
    get: |get, row, take| take(Fact::Post(post(get, row))),
};

pub(super) fn lead(post: &Post<'_>) -> Lead {
    let (id, link) = (post.post_id.filter(|t| !t.is_empty()), post.link.filter(|t| !t.is_empty()));
    let whole = |n: Option<u32>| n.map(i64::from);
    let key = match (id, link, post.published_at) {
        (Some(id), ..) => Identity::of(7).text(Some(id)),
        (None, Some(link), _) => Identity::of(8).text(Some(link)),
        (None, None, Some(at)) => Identity::of(9).int(Some(at.0)).text(post.kind).text(post.text),
        // Nothing names it: it is the same where all that is said is.
        (None, None, None) => {
            let said = Identity::of(10).text(post.kind).text(post.text);
            let parts = [
                post.month,
                post.weekday,
                post.hour,
                post.reach,
                post.fan_reach,
                post.impressions,
                post.views,
                post.engagements,
                post.likes,
                post.comments,
                post.shares,
                post.saves,
                post.clicks,
                post.follows,
                post.followers,
            ];
            parts.into_iter().fold(said, |said, n| said.int(whole(n)))
        }
    };
    Lead { kind: FactKind::Post, row: post.source, key: key.end(), live: 1, latest: post.published_at }
}

pub(super) fn put(post: &Post<'_>, put: &mut Put<'_, '_>) {
    put.text(post.post_id);
    put.text(post.link);
    put.text(post.text);
    put.time(post.published_at);
    put.int(post.month);
    put.int(post.weekday);
    put.int(post.hour);
    put.word(post.kind);
    put.int(post.reach);
    put.int(post.fan_reach);
    put.int(post.impressions);
    put.int(post.views);
    put.int(post.engagements);
    put.int(post.likes);
    put.int(post.comments);
    put.int(post.shares);
    put.int(post.saves);
    put.int(post.clicks);
    put.int(post.follows);
    put.flag(post.paid);
    put.flag(post.randomised);
    put.real(post.spend);
    put.word(post.audience);
    put.int(post.followers);
}

fn post<'r>(get: &mut Get<'r>, source: RowRef) -> Post<'r> {
    Post {
        post_id: get.text(),
        link: get.text(),
        text: get.text(),
        published_at: get.time(),
        month: get.int(),
        weekday: get.int(),
        hour: get.int(),
        kind: get.word(),
        reach: get.int(),
        fan_reach: get.int(),
        impressions: get.int(),
        views: get.int(),
        engagements: get.int(),
        likes: get.int(),
        comments: get.int(),
        shares: get.int(),
        saves: get.int(),
        clicks: get.int(),
        follows: get.int(),
        paid: get.flag(),
        randomised: get.flag(),
        spend: get.real(),
        audience: get.word(),
        followers: get.int(),
        source,
    }
}
