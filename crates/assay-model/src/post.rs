//! Posts of a page and how far each one went.

use crate::audience::RowRef;
use crate::column::Flag;
use crate::time::TimeMs;

/// A post, or a day of posts where a platform tells days alone, as a row of a table tells it. Every field but the source may be
/// missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "the fields are the columns of the table of posts, which `docs/glossary.md` defines")]
pub struct Post<'a> {
    /// Its id on its platform.
    pub post_id: Option<&'a str>,
    /// Its address.
    pub link: Option<&'a str>,
    /// What it says, or its title.
    pub text: Option<&'a str>,
    pub published_at: Option<TimeMs>,
    pub month: Option<u32>,
    pub weekday: Option<u32>,
    pub hour: Option<u32>,
    pub kind: Option<&'a str>,
    pub reach: Option<u32>,
    pub fan_reach: Option<u32>,
    pub impressions: Option<u32>,
    /// Views, where the platform counts them beside impressions.
    pub views: Option<u32>,
    pub engagements: Option<u32>,
    pub likes: Option<u32>,
    pub comments: Option<u32>,
    pub shares: Option<u32>,
    pub saves: Option<u32>,
    pub clicks: Option<u32>,
    /// Follows that the platform counts as brought by it.
    pub follows: Option<u32>,
    pub paid: Option<Flag>,
    pub randomised: Option<Flag>,
    pub spend: Option<f64>,
    pub audience: Option<&'a str>,
    pub followers: Option<u32>,
    pub source: RowRef,
}

/// A post that is kept: its kind is a place in [`Posts::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "the fields are those of `Post`")]
pub struct PostRow {
    pub published_at: Option<TimeMs>,
    pub month: Option<u32>,
    pub weekday: Option<u32>,
    pub hour: Option<u32>,
    /// A place in [`Posts::kinds`].
    pub kind: Option<usize>,
    pub reach: Option<u32>,
    pub fan_reach: Option<u32>,
    pub impressions: Option<u32>,
    /// As told, or the sum of likes, comments, shares, saves and clicks where those are told.
    pub engagements: Option<u32>,
    pub paid: Option<bool>,
    pub randomised: Option<bool>,
    pub spend: Option<f64>,
    /// A place in [`Posts::audiences`].
    pub audience: Option<usize>,
    pub followers: Option<u32>,
    pub source: RowRef,
}

/// Posts of one page, in the order of their rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Posts {
    /// The posts.
    pub rows: Vec<PostRow>,
    /// The kinds that the posts name, in the order in which they were met, in lower case.
    pub kinds: Vec<String>,
    /// To whom promoted posts were shown, as the table names it, in the order in which they were met, in lower case.
    pub audiences: Vec<String>,
}

/// How many kinds or audiences are told apart; further ones count as not told.
const NAMES_MAX: usize = 200;

impl Posts {
    /// Adds a post.
    pub fn push(&mut self, post: &Post<'_>) {
        let parts = [post.likes, post.comments, post.shares, post.saves, post.clicks];
        let summed = parts.iter().any(Option::is_some).then(|| {
            let sum: u64 = parts.iter().flatten().map(|n| u64::from(*n)).sum();
            u32::try_from(sum).unwrap_or(u32::MAX - 1)
        });
        let kind = place(&mut self.kinds, post.kind);
        let audience = place(&mut self.audiences, post.audience);
        self.rows.push(PostRow {
            published_at: post.published_at,
            month: post.month,
            weekday: post.weekday,
            hour: post.hour,
            kind,
            reach: post.reach,
            fan_reach: post.fan_reach,
            impressions: post.impressions,
            engagements: post.engagements.or(summed),
            paid: post.paid.map(Flag::is_yes),
            randomised: post.randomised.map(Flag::is_yes),
            spend: post.spend,
            audience,
            followers: post.followers,
            source: post.source,
        });
    }
}

/// The place of a name in a list of names, to which a new one is added while there is room.
fn place(names: &mut Vec<String>, name: Option<&str>) -> Option<usize> {
    let name = name.map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty())?;
    match names.iter().position(|known| *known == name) {
        None if names.len() < NAMES_MAX => {
            names.push(name);
            Some(names.len() - 1)
        }
        place => place,
    }
}

#[cfg(test)]
mod tests {
    use super::{Post, Posts};

    #[test]
    fn engagements_are_as_told_or_the_sum_of_their_parts() {
        let mut posts = Posts::default();
        posts.push(&Post {
            likes: Some(3),
            shares: Some(2),
            kind: Some(" Photo "),
            audience: Some("Lyon "),
            ..Post::default()
        });
        posts.push(&Post { likes: Some(3), engagements: Some(9), kind: Some("photo"), ..Post::default() });
        posts.push(&Post::default());
        assert_eq!(posts.rows.iter().map(|p| p.engagements).collect::<Vec<_>>(), [Some(5), Some(9), None]);
        assert_eq!(posts.rows.iter().map(|p| p.kind).collect::<Vec<_>>(), [Some(0), Some(0), None]);
        assert_eq!((posts.kinds, posts.audiences), (vec!["photo".to_owned()], vec!["lyon".to_owned()]));
        assert_eq!(posts.rows[0].audience, Some(0));
    }
}
