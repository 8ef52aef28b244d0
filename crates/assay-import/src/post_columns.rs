//! The columns of a table of posts, and the names under which they are known.

use crate::columns::{ColumnNames, TableColumn, find, names};

/// A column of a table of posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PostColumn {
    PublishedAt,
    Month,
    Weekday,
    Hour,
    Kind,
    Reach,
    FanReach,
    Impressions,
    Engagements,
    Likes,
    Comments,
    Shares,
    Saves,
    Clicks,
    Paid,
    Randomised,
    Spend,
    Audience,
    Followers,
}

/// The columns of a table of posts. Names of Meta's post insights (of 2014 too), X analytics, LinkedIn and `TikTok` are among
/// the aliases.
pub static POST_COLUMNS: &[ColumnNames] = &[
    names(
        "published_at",
        "when the post was published, or the day that the row sums up",
        &[
            "published",
            "publish_time",
            "publish_date",
            "publication_date",
            "posted_at",
            "posted",
            "post_time",
            "post_date",
            "created_at",
            "created_time",
            "created_date",
            "timestamp",
            "time",
            "datetime",
            "date",
            "day",
            "post_publish_date",
            "video_publish_time",
        ],
    ),
    names("month", "month of publication, 1 to 12, where no time is known", &["post_month", "published_month"]),
    names("weekday", "day of the week of publication, where no time is known", &["post_weekday", "day_of_week"]),
    names("hour", "hour of publication, where no time is known", &["post_hour", "published_hour"]),
    names(
        "type",
        "kind of post, such as photo or video",
        &["post_type", "kind", "content_type", "media_type", "format"],
    ),
    names(
        "reach",
        "accounts that saw the post",
        &[
            "post_reach",
            "total_reach",
            "lifetime_post_total_reach",
            "people_reached",
            "accounts_reached",
            "unique_impressions",
            "unique_impressions_organic",
            "unique_viewers",
            "unique_views",
            "reached",
            "viewers",
        ],
    ),
    names(
        "fan_reach",
        "followers that saw the post",
        &[
            "follower_reach",
            "followers_reached",
            "reach_followers",
            "reach_from_followers",
            "lifetime_post_reach_by_people_who_like_your_page",
            "fans_reached",
        ],
    ),
    names(
        "impressions",
        "how often the post was shown",
        &[
            "lifetime_post_total_impressions",
            "impressions_total",
            "total_impressions",
            "post_impressions",
            "n_impressions",
            "views",
            "view_count",
            "video_views",
            "plays",
            "impression_count",
        ],
    ),
    names(
        "engagements",
        "accounts that engaged, or how often",
        &[
            "engagement",
            "total_engagement",
            "total_engagements",
            "engaged_users",
            "lifetime_engaged_users",
            "interactions",
            "total_interactions",
            "post_engagements",
            "reactions_comments_and_shares",
        ],
    ),
    names(
        "likes",
        "likes or reactions",
        &["like", "reactions", "reactions_total", "like_count", "likes_count", "favorites", "favourites", "hearts"],
    ),
    names(
        "comments",
        "comments or replies",
        &["comment", "comments_total", "comment_count", "comments_count", "replies", "reply_count"],
    ),
    names(
        "shares",
        "shares or reposts",
        &[
            "share",
            "reposts",
            "reposts_total",
            "share_count",
            "shares_count",
            "retweets",
            "retweet_count",
            "repost_count",
        ],
    ),
    names("saves", "how often the post was saved", &["save", "saved", "bookmarks", "bookmark_count", "save_count"]),
    names(
        "clicks",
        "clicks on the post or its links",
        &["click", "clicks_total", "link_clicks", "url_clicks", "click_count"],
    ),
    names(
        "paid",
        "whether money was spent on the post",
        &["is_paid", "boosted", "is_boosted", "promoted", "sponsored"],
    ),
    names(
        "randomised",
        "whether chance, not a person, decided if this post was paid for",
        &["randomized", "boost_randomised", "boost_randomized", "random_boost"],
    ),
    names("spend", "money spent on the post", &["amount_spent", "ad_spend", "boost_spend", "spent", "cost"]),
    names(
        "audience",
        "to whom a promoted post was shown, by the name of topic, group or place",
        &["target_audience", "ad_audience", "audience_name", "targeting"],
    ),
    names(
        "followers",
        "followers of the page when it was published",
        &[
            "page_total_likes",
            "page_likes",
            "page_followers",
            "follower_count",
            "followers_count",
            "fans",
            "subscribers",
        ],
    ),
];

const POST: [PostColumn; 19] = [
    PostColumn::PublishedAt,
    PostColumn::Month,
    PostColumn::Weekday,
    PostColumn::Hour,
    PostColumn::Kind,
    PostColumn::Reach,
    PostColumn::FanReach,
    PostColumn::Impressions,
    PostColumn::Engagements,
    PostColumn::Likes,
    PostColumn::Comments,
    PostColumn::Shares,
    PostColumn::Saves,
    PostColumn::Clicks,
    PostColumn::Paid,
    PostColumn::Randomised,
    PostColumn::Spend,
    PostColumn::Audience,
    PostColumn::Followers,
];

impl TableColumn for PostColumn {
    const EXAMPLES: &'static str = "published_at, reach or impressions";

    fn of(name: &str) -> Option<Self> {
        find(POST_COLUMNS, name).map(|i| POST[i])
    }

    fn name(self) -> &'static str {
        POST_COLUMNS[self as usize].name
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Kind | Self::Audience)
    }

    fn place(self) -> u32 {
        self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{POST, POST_COLUMNS, PostColumn};
    use crate::columns::{TableColumn, plain};

    #[test]
    fn the_table_agrees_with_the_columns_and_no_name_means_two() {
        assert_eq!(POST_COLUMNS.len(), POST.len());
        for (i, column) in POST.iter().enumerate() {
            assert_eq!(*column as usize, i);
            assert_eq!(PostColumn::of(column.name()), Some(*column));
        }
        let mut names: Vec<_> =
            POST_COLUMNS.iter().flat_map(|c| std::iter::once(&c.name).chain(c.aliases)).map(|n| plain(n)).collect();
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n, "a name stands twice");
    }
}
