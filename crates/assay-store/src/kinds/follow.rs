//! Followers, and those who stopped following.

use super::Form::{Flag, Int, Text, Time, Word};
use super::{Column, FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use assay_model::{Fact, Follow, Loss, RowRef};

pub(crate) static KIND: Kind = Kind {
    table: "follow",
    view: "followers",
    columns: COLUMNS,
    versions: Versions::Snapshot,
    get: |get, row, take| take(Fact::Follow(follow(get, row))),
};

const COLUMNS: &[Column] = &[
    column("account_id", Text),
    column("handle", Text),
    column("display_name", Text),
    column("display_name_length", Int),
    column("follow_rank", Int),
    column("followed_at", Time),
    column("created_at", Time),
    column("followers", Int),
    column("following", Int),
    column("posts", Int),
    column("likes", Int),
    column("listed", Int),
    column("bio_length", Int),
    column("has_avatar", Flag),
    column("default_profile", Flag),
    column("verified", Flag),
    column("private", Flag),
    column("has_url", Flag),
    column("last_active_at", Time),
    column("language", Word),
    column("country", Word),
];

pub(crate) static LOSS: Kind = Kind {
    table: "loss",
    view: "losses",
    columns: &[column("at", Time)],
    versions: Versions::Newest,
    get: |get, row, take| {
        if let Some(at) = get.time() {
            take(Fact::Loss(Loss { after: None, at, source: row }));
        }
    },
};

/// Who a follower is: the id where there is one, else the handle.
pub(super) fn who(follow: &Follow<'_>) -> i64 {
    match follow.account_id.filter(|id| !id.is_empty()) {
        Some(id) => Identity::of(1).text(Some(id)).end(),
        None => Identity::of(2).name(follow.handle).end(),
    }
}

pub(super) fn lead(follow: &Follow<'_>) -> Lead {
    Lead {
        kind: FactKind::Follow,
        row: follow.source,
        key: who(follow),
        live: 1,
        latest: follow.followed_at.max(follow.created_at).max(follow.last_active_at),
    }
}

pub(super) fn lead_of_loss(loss: &Loss) -> Lead {
    let key = Identity::of(3).int(Some(loss.at.0)).end();
    Lead { kind: FactKind::Loss, row: loss.source, key, live: 1, latest: Some(loss.at) }
}

pub(super) fn put(follow: &Follow<'_>, put: &mut Put<'_, '_>) {
    put.text(follow.account_id);
    put.text(follow.handle);
    put.text(follow.display_name);
    put.int(follow.display_name_length.or(follow.display_name.map(|name| name.chars().count() as u32)));
    put.int(follow.follow_rank);
    put.time(follow.followed_at);
    put.time(follow.created_at);
    put.int(follow.followers);
    put.int(follow.following);
    put.int(follow.posts);
    put.int(follow.likes);
    put.int(follow.listed);
    // The description itself is not needed, and is not kept.
    put.int(follow.bio_length.or(follow.bio.map(|bio| bio.chars().count() as u32)));
    put.flag(follow.has_avatar);
    put.flag(follow.default_profile);
    put.flag(follow.verified);
    put.flag(follow.private);
    put.flag(follow.has_url);
    put.time(follow.last_active_at);
    put.word(follow.language);
    put.word(follow.country);
}

/// The follower of a row.
pub(crate) fn follow<'r>(get: &mut Get<'r>, source: RowRef) -> Follow<'r> {
    Follow {
        account_id: get.text(),
        handle: get.text(),
        display_name: get.text(),
        display_name_length: get.int(),
        follow_rank: get.int(),
        followed_at: get.time(),
        created_at: get.time(),
        followers: get.int(),
        following: get.int(),
        posts: get.int(),
        likes: get.int(),
        listed: get.int(),
        bio: None,
        bio_length: get.int(),
        has_avatar: get.flag(),
        default_profile: get.flag(),
        verified: get.flag(),
        private: get.flag(),
        has_url: get.flag(),
        last_active_at: get.time(),
        language: get.word(),
        country: get.word(),
        source,
    }
}
