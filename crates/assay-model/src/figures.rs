//! What a platform counts: figures of an account on a day, and of a post on a day.

use crate::audience::RowRef;
use crate::time::{Day, TimeMs};

/// How far something went and what people did, as a platform counts it. A blank is not known, never 0; a figure below 0 is a
/// withdrawal of what was counted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are figures that `docs/glossary.md` defines")]
pub struct Figures {
    pub impressions: Option<i64>,
    pub reach: Option<i64>,
    pub views: Option<i64>,
    pub engagements: Option<i64>,
    pub likes: Option<i64>,
    pub comments: Option<i64>,
    pub shares: Option<i64>,
    pub saves: Option<i64>,
    pub clicks: Option<i64>,
    pub profile_visits: Option<i64>,
    pub posts: Option<i64>,
    pub follows: Option<i64>,
}

impl Figures {
    /// The names of the figures, in the order of [`Figures::values`]: columns of tables and views.
    pub const NAMES: [&'static str; 12] = [
        "impressions",
        "reach",
        "views",
        "engagements",
        "likes",
        "comments",
        "shares",
        "saves",
        "clicks",
        "profile_visits",
        "posts",
        "follows",
    ];

    /// The figures, in the order of [`Figures::NAMES`].
    pub fn values(&self) -> [Option<i64>; 12] {
        [
            self.impressions,
            self.reach,
            self.views,
            self.engagements,
            self.likes,
            self.comments,
            self.shares,
            self.saves,
            self.clicks,
            self.profile_visits,
            self.posts,
            self.follows,
        ]
    }

    /// The figures of these values.
    pub fn of(values: [Option<i64>; 12]) -> Self {
        let [
            impressions,
            reach,
            views,
            engagements,
            likes,
            comments,
            shares,
            saves,
            clicks,
            profile_visits,
            posts,
            follows,
        ] = values;
        Self {
            impressions,
            reach,
            views,
            engagements,
            likes,
            comments,
            shares,
            saves,
            clicks,
            profile_visits,
            posts,
            follows,
        }
    }
}

/// Figures of an account on one day, beside its follows and losses, which are a [`crate::DayCount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountDay {
    /// The day, in the platform's zone.
    pub day: Day,
    /// How many followers the account had at its end; `None` where the platform does not say.
    pub followers: Option<i64>,
    /// What was counted on that day alone.
    pub figures: Figures,
    /// The row.
    pub source: RowRef,
}

/// Figures of one post on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostDay<'a> {
    /// The post's id on its platform.
    pub post_id: &'a str,
    /// The day, in the platform's zone.
    pub day: Day,
    /// What was counted on that day alone.
    pub figures: Figures,
    /// The row.
    pub source: RowRef,
}

/// What kind of engagement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the kinds are words that `docs/glossary.md` defines")]
pub enum EngagementKind {
    Like,
    Comment,
    Reply,
    Mention,
    Repost,
    Quote,
    Message,
    Save,
}

impl EngagementKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Like, Self::Comment, Self::Reply, Self::Mention, Self::Repost, Self::Quote, Self::Message, Self::Save];

    /// The name that tables, views and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Like => "like",
            Self::Comment => "comment",
            Self::Reply => "reply",
            Self::Mention => "mention",
            Self::Repost => "repost",
            Self::Quote => "quote",
            Self::Message => "message",
            Self::Save => "save",
        }
    }

    /// Whether it speaks to somebody, who may await an answer.
    pub fn is_spoken(self) -> bool {
        matches!(self, Self::Comment | Self::Reply | Self::Mention | Self::Quote | Self::Message)
    }
}

/// Something that an account did with a post or towards a page. Every field but kind and row may be missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engagement<'a> {
    /// When.
    pub at: Option<TimeMs>,
    /// What.
    pub kind: EngagementKind,
    /// Whether the page itself did it, towards others: its own comments and answers.
    pub by_page: bool,
    /// Who did it; where the page did it, whom it did it to. The account's id on its platform.
    pub account_id: Option<&'a str>,
    /// The handle of the same account.
    pub handle: Option<&'a str>,
    /// The name that the same account shows.
    pub display_name: Option<&'a str>,
    /// The id of the post that it was done with.
    pub post_id: Option<&'a str>,
    /// The id of the engagement itself, such as of the comment.
    pub engagement_id: Option<&'a str>,
    /// The id of the comment or post that it answers.
    pub answers: Option<&'a str>,
    /// What was said in public, and in messages only where the user asked for them.
    pub text: Option<&'a str>,
    /// The row.
    pub source: RowRef,
}

impl Engagement<'_> {
    /// An engagement of this kind, of which nothing else is known.
    pub fn new(kind: EngagementKind) -> Self {
        Self {
            at: None,
            kind,
            by_page: false,
            account_id: None,
            handle: None,
            display_name: None,
            post_id: None,
            engagement_id: None,
            answers: None,
            text: None,
            source: RowRef::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn figures_go_there_and_back_in_the_order_of_their_names() {
        let values: [Option<i64>; 12] = std::array::from_fn(|i| (i % 3 != 0).then_some(i as i64));
        assert_eq!(Figures::of(values).values(), values);
        let one = Figures { saves: Some(7), ..Figures::default() };
        let place = Figures::NAMES.iter().position(|n| *n == "saves").expect("a name");
        assert_eq!(one.values()[place], Some(7));
    }
}
