//! The columns that tables may have, and the names under which they are known.

pub use assay_model::ColumnNames;
pub(crate) use assay_model::{column_names as names, find_column as find, match_header, plain, unknown_note};

/// A column of a follower table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    AccountId,
    Handle,
    DisplayName,
    DisplayNameLength,
    FollowRank,
    FollowedAt,
    CreatedAt,
    Followers,
    Following,
    Posts,
    Likes,
    Listed,
    Bio,
    BioLength,
    HasAvatar,
    /// The inverse of `HasAvatar`, as X writes it.
    DefaultAvatar,
    DefaultProfile,
    Verified,
    Private,
    HasUrl,
    LastActiveAt,
    Language,
    Country,
}

/// A column of a table of daily counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CountColumn {
    Date,
    Follows,
    Unfollows,
}

/// The columns of a follower table. The names of the X (v1.1 and v2), Mastodon and Bluesky interfaces are among the aliases.
pub static FOLLOWER_COLUMNS: &[ColumnNames] = &[
    names(
        "account_id",
        "the account's id on its platform",
        &["id", "id_str", "user_id", "user_id_str", "userid", "did", "follower_id", "pk", "uid"],
    ),
    names(
        "handle",
        "the account's @name",
        &["username", "user_name", "screen_name", "acct", "login", "follower", "follower_username", "follower_handle"],
    ),
    names("display_name", "the name shown", &["name", "full_name", "nickname", "user_full_name"]),
    names("display_name_length", "characters in the name shown", &["name_length", "full_name_length"]),
    names("follow_rank", "place in the order of follows, 0 for the first follower", &["follower_rank", "follow_order"]),
    names(
        "followed_at",
        "when the account followed the page",
        &[
            "follow_date",
            "followed_on",
            "follow_time",
            "follow_timestamp",
            "followed",
            "date_followed",
            "follower_since",
        ],
    ),
    names(
        "created_at",
        "when the account was made",
        &[
            "account_created_at",
            "created",
            "creation_date",
            "account_created",
            "joined",
            "joined_at",
            "join_date",
            "user_created_at",
        ],
    ),
    names(
        "followers",
        "how many follow the account",
        &[
            "followers_count",
            "follower_count",
            "n_followers",
            "user_follower_count",
            "num_followers",
            "edge_followed_by",
        ],
    ),
    names(
        "following",
        "how many the account follows",
        &[
            "friends_count",
            "following_count",
            "friends",
            "follows_count",
            "n_following",
            "user_following_count",
            "num_following",
            "followees",
        ],
    ),
    names(
        "posts",
        "how many posts the account has made",
        &[
            "statuses_count",
            "tweet_count",
            "tweets_count",
            "tweets",
            "statuses",
            "posts_count",
            "post_count",
            "media_count",
            "n_posts",
            "num_posts",
        ],
    ),
    names(
        "likes",
        "how many likes the account has given",
        &["favourites_count", "favorites_count", "like_count", "likes_count", "favourites"],
    ),
    names("listed", "how many lists the account stands on", &["listed_count", "lists_count", "n_listed"]),
    names("bio", "the account's description of itself", &["description", "biography", "about", "note"]),
    names("bio_length", "characters in the description", &["description_length", "biography_length"]),
    names(
        "has_avatar",
        "whether the account has a picture of its own",
        &["has_profile_image", "has_profile_pic", "profile_pic", "has_picture"],
    ),
    names(
        "default_profile_image",
        "whether the account has the platform's picture (the inverse of has_avatar)",
        &["default_avatar", "has_default_avatar", "is_default_avatar", "has_anonymous_profile_picture"],
    ),
    names("default_profile", "whether the account's page is as it was made", &["has_default_profile"]),
    names("verified", "whether the platform vouches for the account", &["is_verified", "user_verified"]),
    names(
        "private",
        "whether the account's posts are hidden",
        &["protected", "is_private", "locked", "user_is_private"],
    ),
    names("has_url", "whether the description links elsewhere", &["has_external_url", "has_link"]),
    names(
        "last_active_at",
        "when the account last did something",
        &["last_active", "last_post_at", "last_status_at", "last_tweet_at", "last_seen_at", "last_posted_at"],
    ),
    names("language", "the account's language", &["lang", "locale"]),
    names("country", "the account's country", &["country_code"]),
];

/// The columns of a table of daily counts.
pub static COUNT_COLUMNS: &[ColumnNames] = &[
    names("date", "the day", &["day", "datum", "fecha", "data", "jour", "tarih", "dato", "tanggal"]),
    names(
        "follows",
        "how many followed on that day",
        &[
            "new_follows",
            "new_followers",
            "followers_gained",
            "follows_gained",
            "subscribers_gained",
            "gained_followers",
            "follower_gains",
            "total_new_followers",
        ],
    ),
    names(
        "unfollows",
        "how many stopped following on that day",
        &[
            "lost_followers",
            "followers_lost",
            "follows_lost",
            "subscribers_lost",
            "unfollowers",
            "unfollowed",
            "follower_losses",
        ],
    ),
];

const FOLLOWER: [Column; 23] = [
    Column::AccountId,
    Column::Handle,
    Column::DisplayName,
    Column::DisplayNameLength,
    Column::FollowRank,
    Column::FollowedAt,
    Column::CreatedAt,
    Column::Followers,
    Column::Following,
    Column::Posts,
    Column::Likes,
    Column::Listed,
    Column::Bio,
    Column::BioLength,
    Column::HasAvatar,
    Column::DefaultAvatar,
    Column::DefaultProfile,
    Column::Verified,
    Column::Private,
    Column::HasUrl,
    Column::LastActiveAt,
    Column::Language,
    Column::Country,
];

const COUNT: [CountColumn; 3] = [CountColumn::Date, CountColumn::Follows, CountColumn::Unfollows];

/// The columns of a kind of table with a thing a row.
pub(crate) trait TableColumn: Copy + PartialEq {
    /// Columns that an error names as examples.
    const EXAMPLES: &'static str;
    /// The column of this name.
    fn of(name: &str) -> Option<Self>;
    /// The name that assay uses.
    fn name(self) -> &'static str;
    /// Whether its cells are texts.
    fn is_text(self) -> bool;
    /// Its place among the columns of its table, below 64.
    fn place(self) -> u32;
}

impl TableColumn for Column {
    const EXAMPLES: &'static str = "account_id, handle or followed_at";

    fn of(name: &str) -> Option<Self> {
        find(FOLLOWER_COLUMNS, name).map(|i| FOLLOWER[i])
    }

    fn name(self) -> &'static str {
        FOLLOWER_COLUMNS[self as usize].name
    }

    fn place(self) -> u32 {
        self as u32
    }

    fn is_text(self) -> bool {
        matches!(self, Self::AccountId | Self::Handle | Self::DisplayName | Self::Bio | Self::Language | Self::Country)
    }
}

impl CountColumn {
    /// The column of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        find(COUNT_COLUMNS, name).map(|i| COUNT[i])
    }
}

/// Whether a column called `name` is a truth that detectors are scored against.
pub(crate) fn is_label(name: &str) -> bool {
    matches!(plain(name).as_str(), "label" | "class" | "probability" | "truth")
}

#[cfg(test)]
mod tests {
    use super::{
        COUNT, COUNT_COLUMNS, Column, CountColumn, FOLLOWER, FOLLOWER_COLUMNS, TableColumn, match_header, plain,
    };

    #[test]
    fn names_match_case_and_separators_aside() {
        for name in ["follow_rank", "Follow Rank", "followRank", " FOLLOW-RANK "] {
            assert_eq!(Column::of(name), Some(Column::FollowRank), "{name}");
        }
        assert_eq!(Column::of("screen_name"), Some(Column::Handle));
        assert_eq!(Column::of("label"), None);
        assert_eq!(Column::of(""), None);
        assert_eq!(CountColumn::of("New follows"), Some(CountColumn::Follows));
    }

    #[test]
    fn the_tables_agree_with_the_columns_and_no_name_means_two() {
        assert_eq!(FOLLOWER_COLUMNS.len(), FOLLOWER.len());
        assert_eq!(COUNT_COLUMNS.len(), COUNT.len());
        for (i, column) in FOLLOWER.iter().enumerate() {
            assert_eq!(*column as usize, i);
            assert_eq!(Column::of(column.name()), Some(*column));
        }
        for table in [FOLLOWER_COLUMNS, COUNT_COLUMNS] {
            let mut names: Vec<_> =
                table.iter().flat_map(|c| std::iter::once(&c.name).chain(c.aliases)).map(|n| plain(n)).collect();
            let n = names.len();
            names.sort();
            names.dedup();
            // `user_id` and `userid` are one; so are `user_name` and `username`.
            assert!(names.len() + 2 >= n, "a name stands twice");
        }
    }

    #[test]
    fn a_header_names_what_is_not_known() {
        let (known, unknown) = match_header(["Handle", "vendor", "username", ""].into_iter(), Column::of);
        assert_eq!(known, [Some(Column::Handle), None, None, None]);
        assert_eq!(unknown, ["vendor", "username"]);
    }
}
