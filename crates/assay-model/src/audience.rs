//! The followers of a page as columns, in follow order.

use crate::column::{Column, Flag, TextColumn};
use crate::fact::Follow;
use crate::time::{TimeMs, TimeQuality};
use serde::Serialize;

/// Where a row came from: the file (an index into the page's files) and its line or element, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize)]
pub struct RowRef {
    /// Index of the file.
    pub file: u32,
    /// Line or element, from 1.
    pub line: u32,
}

/// The followers of a page: columns of equal length. Row `i` is the follower of rank `i`, 0 the first to follow,
/// unless [`Audience::quality`] is [`TimeQuality::Unknown`]: then the order of the rows says nothing.
///
/// Only [`crate::arrange`] makes one with rows in order; detectors read it and never change it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are the columns of the follower table, which `docs/glossary.md` defines")]
pub struct Audience {
    pub account_id: TextColumn,
    pub handle: TextColumn,
    pub display_name: TextColumn,
    pub display_name_length: Column<u32>,
    pub follow_rank: Column<u32>,
    pub followed_at: Column<TimeMs>,
    /// The latest creation date among this follower and all who followed earlier: no follow lies before it.
    pub followed_after: Column<TimeMs>,
    pub created_at: Column<TimeMs>,
    pub followers: Column<u32>,
    pub following: Column<u32>,
    pub posts: Column<u32>,
    pub likes: Column<u32>,
    pub listed: Column<u32>,
    pub bio_length: Column<u32>,
    pub has_avatar: Column<Flag>,
    pub default_profile: Column<Flag>,
    pub verified: Column<Flag>,
    pub private: Column<Flag>,
    pub has_url: Column<Flag>,
    pub last_active_at: Column<TimeMs>,
    pub language: TextColumn,
    pub country: TextColumn,
    pub source: Vec<RowRef>,
    /// How well follow times are known, over the whole list.
    pub quality: Option<TimeQuality>,
}

/// A follower's identity for the reader: the handle where there is one, else the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follower<'a> {
    /// The account id; the handle stands for it where the export has none.
    pub account_id: &'a str,
    /// The handle, if the export tells it.
    pub handle: Option<&'a str>,
}

impl Audience {
    /// How many followers.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// How well follow times are known; unknown for a list that was never arranged.
    pub fn quality(&self) -> TimeQuality {
        self.quality.unwrap_or(TimeQuality::Unknown)
    }

    /// Who stands at row `i`. Both parts are empty where the export names nobody.
    pub fn follower(&self, i: usize) -> Follower<'_> {
        let handle = self.handle.get(i);
        Follower { account_id: self.account_id.get(i).or(handle).unwrap_or(""), handle }
    }

    /// Adds a row at the end.
    pub fn push(&mut self, row: &Follow<'_>) {
        self.account_id.push(row.account_id);
        self.handle.push(row.handle);
        self.display_name.push(row.display_name);
        self.display_name_length
            .push(row.display_name_length.or(row.display_name.map(|name| name.chars().count() as u32)));
        self.follow_rank.push(row.follow_rank);
        self.followed_at.push(row.followed_at);
        self.followed_after.push(None);
        self.created_at.push(row.created_at);
        self.followers.push(row.followers);
        self.following.push(row.following);
        self.posts.push(row.posts);
        self.likes.push(row.likes);
        self.listed.push(row.listed);
        self.bio_length.push(row.bio_length.or(row.bio.map(|bio| bio.chars().count() as u32)));
        self.has_avatar.push(row.has_avatar);
        self.default_profile.push(row.default_profile);
        self.verified.push(row.verified);
        self.private.push(row.private);
        self.has_url.push(row.has_url);
        self.last_active_at.push(row.last_active_at);
        self.language.push(row.language);
        self.country.push(row.country);
        self.source.push(row.source);
    }

    /// Adds the rows of another list at the end, as if each had been pushed.
    pub fn append(&mut self, other: &Self) {
        self.account_id.append(&other.account_id);
        self.handle.append(&other.handle);
        self.display_name.append(&other.display_name);
        self.display_name_length.append(&other.display_name_length);
        self.follow_rank.append(&other.follow_rank);
        self.followed_at.append(&other.followed_at);
        self.followed_after.append(&other.followed_after);
        self.created_at.append(&other.created_at);
        self.followers.append(&other.followers);
        self.following.append(&other.following);
        self.posts.append(&other.posts);
        self.likes.append(&other.likes);
        self.listed.append(&other.listed);
        self.bio_length.append(&other.bio_length);
        self.has_avatar.append(&other.has_avatar);
        self.default_profile.append(&other.default_profile);
        self.verified.append(&other.verified);
        self.private.append(&other.private);
        self.has_url.append(&other.has_url);
        self.last_active_at.append(&other.last_active_at);
        self.language.append(&other.language);
        self.country.append(&other.country);
        self.source.extend_from_slice(&other.source);
    }

    /// Row `i` as it was pushed, but for the description, of which the length alone is kept.
    pub fn row(&self, i: usize) -> Follow<'_> {
        Follow {
            account_id: self.account_id.get(i),
            handle: self.handle.get(i),
            display_name: self.display_name.get(i),
            display_name_length: self.display_name_length.get(i),
            follow_rank: self.follow_rank.get(i),
            followed_at: self.followed_at.get(i),
            created_at: self.created_at.get(i),
            followers: self.followers.get(i),
            following: self.following.get(i),
            posts: self.posts.get(i),
            likes: self.likes.get(i),
            listed: self.listed.get(i),
            bio_length: self.bio_length.get(i),
            has_avatar: self.has_avatar.get(i),
            default_profile: self.default_profile.get(i),
            verified: self.verified.get(i),
            private: self.private.get(i),
            has_url: self.has_url.get(i),
            last_active_at: self.last_active_at.get(i),
            language: self.language.get(i),
            country: self.country.get(i),
            bio: None,
            source: self.source[i],
        }
    }

    /// The same rows in another order: row `k` of the result is row `order[k]` of this audience. Rows may be left out.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        Self {
            account_id: self.account_id.reordered(order),
            handle: self.handle.reordered(order),
            display_name: self.display_name.reordered(order),
            display_name_length: self.display_name_length.reordered(order),
            follow_rank: self.follow_rank.reordered(order),
            followed_at: self.followed_at.reordered(order),
            followed_after: self.followed_after.reordered(order),
            created_at: self.created_at.reordered(order),
            followers: self.followers.reordered(order),
            following: self.following.reordered(order),
            posts: self.posts.reordered(order),
            likes: self.likes.reordered(order),
            listed: self.listed.reordered(order),
            bio_length: self.bio_length.reordered(order),
            has_avatar: self.has_avatar.reordered(order),
            default_profile: self.default_profile.reordered(order),
            verified: self.verified.reordered(order),
            private: self.private.reordered(order),
            has_url: self.has_url.reordered(order),
            last_active_at: self.last_active_at.reordered(order),
            language: self.language.reordered(order),
            country: self.country.reordered(order),
            source: order.iter().map(|&i| self.source[i as usize]).collect(),
            quality: self.quality,
        }
    }

    /// How many rows tell anything of the account beyond its name, order and dates.
    pub fn n_with_profile(&self) -> usize {
        let columns = [&self.followers, &self.following, &self.posts, &self.likes, &self.bio_length];
        let flags = [&self.has_avatar, &self.default_profile, &self.verified, &self.private];
        if !columns.iter().any(|c| c.has_values()) && !flags.iter().any(|c| c.has_values()) {
            return 0;
        }
        (0..self.len())
            .filter(|&i| columns.iter().any(|c| c.get(i).is_some()) || flags.iter().any(|c| c.get(i).is_some()))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::Audience;
    use crate::{Flag, Follow, RowRef, TimeMs};

    #[test]
    fn joined_lists_hold_the_rows_that_were_pushed() {
        let row = |i: u32| Follow {
            account_id: Some("7"),
            handle: i.is_multiple_of(2).then_some("ann"),
            display_name: (i > 2).then_some("Änn"),
            display_name_length: (i > 2).then_some(3),
            follow_rank: Some(i),
            created_at: i.is_multiple_of(3).then_some(TimeMs(5)),
            followers: (i > 3).then_some(i),
            verified: Some(Flag::YES),
            country: (i == 1).then_some("NO"),
            source: RowRef { file: 0, line: i },
            ..Follow::default()
        };
        let list = |range: std::ops::Range<u32>| {
            let mut list = Audience::default();
            range.for_each(|i| list.push(&row(i)));
            list
        };
        let mut joined = list(0..2);
        joined.append(&list(2..2));
        joined.append(&list(2..6));
        assert_eq!(joined, list(0..6));
        assert!((0..6).all(|i| joined.row(i as usize) == row(i)));
    }
}
