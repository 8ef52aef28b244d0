//! What rows must tell to be read by a metric: a condition of SQL and the same as a function.

use crate::metric::{Having, Read, Scope};
use assay_model::BusinessTable as T;

const fn having(sql: &'static str, holds: fn(&assay_model::Business, usize) -> bool) -> Having {
    Having { sql, holds }
}

const ALL: Having = having("", |_, _| true);

macro_rules! reads {
    ($($name:ident = $table:ident, $scope:expr, $having:expr;)*) => {
        $(pub(crate) const $name: Read = Read { table: T::$table, scope: $scope, having: $having };)*
    };
}

const SOLD: Having = having(crate::slice::SOLD, |b, i| b.sales[i].is_sold());

reads! {
    FOLLOWERS = Followers, Scope::Window, ALL;
    FOLLOWERS_UNTIL = Followers, Scope::History, ALL;
    DAY_COUNTS = DayCounts, Scope::Window, having("(follows IS NOT NULL OR unfollows IS NOT NULL)", |b, i| {
        b.day_counts[i].follows.is_some() || b.day_counts[i].unfollows.is_some()
    });
    FOLLOWERS_BY_DAY = AccountDays, Scope::History, having("followers IS NOT NULL", |b, i| b.account_days[i].followers.is_some());
    ACCOUNT_LIKES = AccountDays, Scope::Window, having("likes IS NOT NULL", |b, i| b.account_days[i].figures.likes.is_some());
    POST_DAY_LIKES = PostDays, Scope::Window, having("likes IS NOT NULL", |b, i| b.post_days[i].figures.likes.is_some());
    POST_LIKES = Posts, Scope::Window, having("likes IS NOT NULL", |b, i| b.posts[i].figures.likes.is_some());
    ACCOUNT_IMPRESSIONS = AccountDays, Scope::Window, having("impressions IS NOT NULL", |b, i| b.account_days[i].figures.impressions.is_some());
    POST_DAY_IMPRESSIONS = PostDays, Scope::Window, having("impressions IS NOT NULL", |b, i| b.post_days[i].figures.impressions.is_some());
    POST_IMPRESSIONS = Posts, Scope::Window, having("impressions IS NOT NULL", |b, i| b.posts[i].figures.impressions.is_some());
    POSTS = Posts, Scope::Window, ALL;
    POST_COMMENTS = Posts, Scope::Window, having("comments IS NOT NULL", |b, i| b.posts[i].figures.comments.is_some());
    POST_SHARES = Posts, Scope::Window, having("shares IS NOT NULL", |b, i| b.posts[i].figures.shares.is_some());
    POST_FAN_REACH = Posts, Scope::Window, having("reach IS NOT NULL AND fan_reach IS NOT NULL", |b, i| {
        b.posts[i].figures.reach.is_some() && b.posts[i].fan_reach.is_some()
    });
    ENGAGED = Engagements, Scope::Window, having("by_page = 0 AND (account_id IS NOT NULL OR handle IS NOT NULL)", |b, i| {
        let e = &b.engagements[i];
        !e.by_page && (e.account.is_some() || e.handle.is_some())
    });
    ENGAGED_1 = Engagements, Scope::Trailing(1), ENGAGED_AT;
    ENGAGED_7 = Engagements, Scope::Trailing(7), ENGAGED_AT;
    ENGAGED_28 = Engagements, Scope::Trailing(28), ENGAGED_AT;
    ENGAGED_UNTIL = Engagements, Scope::History, ENGAGED_AT;
    TURNS = Turns, Scope::Window, having("left_out = 0 AND at IS NOT NULL AND seen_until IS NOT NULL", |b, i| {
        b.turns[i].waited().is_some()
    });
    TURNS_ALL = Turns, Scope::Window, having("left_out = 0", |_, _| true);
    AWAITING = Turns, Scope::Window, having("left_out = 0 AND awaits", |b, i| b.turns[i].awaits);
    SPEND = Ads, Scope::Window, having("spend_minor IS NOT NULL", |b, i| b.ads[i].spend.is_some());
    AD_CLICKS = Ads, Scope::Window, having("clicks IS NOT NULL AND impressions IS NOT NULL", |b, i| {
        b.ads[i].clicks.is_some() && b.ads[i].impressions.is_some()
    });
    AD_PURCHASES = Ads, Scope::Window, having("purchases IS NOT NULL AND clicks IS NOT NULL", |b, i| {
        b.ads[i].purchases.is_some() && b.ads[i].clicks.is_some()
    });
    ORDERS = Sales, Scope::Window, SOLD;
    ORDERS_UNTIL = Sales, Scope::History, SOLD;
    REFUNDS = Refunds, Scope::Window, having(
        "amount_minor IS NOT NULL AND (order_id IS NULL OR order_id NOT IN (SELECT order_id FROM orders WHERE refunded_minor IS NOT NULL AND order_id IS NOT NULL))",
        |b, i| b.refunds[i].amount.is_some() && !b.refunds[i].is_told_by_order,
    );
    CONTACTS_UNTIL = Contacts, Scope::History, having("created_at IS NOT NULL AND came_from IS NOT NULL", |b, i| {
        b.contacts[i].created_at.is_some() && b.contacts[i].came_from.is_some()
    });
}

const ENGAGED_AT: Having =
    having("by_page = 0 AND at IS NOT NULL AND (account_id IS NOT NULL OR handle IS NOT NULL)", |b, i| {
        let e = &b.engagements[i];
        !e.by_page && e.at.is_some() && (e.account.is_some() || e.handle.is_some())
    });
