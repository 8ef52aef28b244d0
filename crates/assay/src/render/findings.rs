//! Evidence in words. A finding carries numbers; here, and nowhere else, it becomes a sentence.

use super::format::{age, count, counted, day_span, percent, plain, share_of, whole};
use assay_model::{Finding, Reason, Spike};

/// A finding as a clause without a final period.
pub(crate) fn say(finding: &Finding) -> String {
    match finding {
        Finding::OpenedTogether { n_alike, n, opened, expected_share } => format!(
            "{} of {} followers in a row opened their accounts {}; of the followers around, {} would",
            count(*n_alike),
            count(*n),
            day_span(*opened),
            percent(*expected_share)
        ),
        Finding::OfOneAge { n_alike, n, youngest_days, oldest_days, expected_share } => format!(
            "{} of {} followers in a row followed with accounts {} to {} old; of the followers around, {} would",
            count(*n_alike),
            count(*n),
            age(*youngest_days),
            age(*oldest_days),
            percent(*expected_share)
        ),
        Finding::MoreArrivals { n, expected } => {
            format!("{} arrivals where season and trend lead one to expect {}", count(*n), share_of(*expected))
        }
        Finding::MoreLosses { n, expected, lost } => format!(
            "{} unfollows {} where {} are usual, as after a purge or the end of a give-away",
            count(*n),
            day_span(*lost),
            share_of(*expected)
        ),
        Finding::AgesVaried { tenth_days, ninetieth_days } => format!(
            "the accounts are as varied in age as those of the followers around; four in five were {} to {} old",
            age(*tenth_days),
            age(*ninetieth_days)
        ),
        Finding::AgesNarrower { share, expected_share } => format!(
            "the accounts are narrower in age than those of the followers around: {} lie in a band where {} would",
            percent(*share),
            percent(*expected_share)
        ),
        Finding::ProfileLikelier { column, value, times } => format!(
            "{} is {} times likelier among the sold-looking accounts of this page than among its people",
            column_value(column, *value),
            share_of(*times)
        ),
        Finding::OpenedWithStock { opened, n, expected } => format!(
            "the account was opened {}, when {} accounts of this look were opened where {} would be expected",
            day_span(*opened),
            whole(*n),
            share_of(*expected)
        ),
        Finding::CameWithStock { times } => {
            format!(
                "the follow came when accounts of this look came, {} times likelier than for people",
                share_of(*times)
            )
        }
        Finding::NamedAlike { template, n_alike, n, expected_share } => format!(
            "{} of {} followers in a row have handles made of {template}; of the followers around, {} have",
            count(*n_alike),
            count(*n),
            percent(*expected_share)
        ),
        Finding::NumberedAlike { stem, n_alike, n, n_numbers } => format!(
            "{} of {} followers in a row have handles that begin with \"{stem}\" and are numbered within a range of {}",
            count(*n_alike),
            count(*n),
            count(*n_numbers)
        ),
        Finding::EngagedLess { n_engaged, n, expected } => format!(
            "{} of {} have engaged with the page, where {} would at the rate of its other followers",
            count(*n_engaged),
            count(*n),
            share_of(*expected)
        ),
        Finding::EngagedAsUsual { n_engaged, n, expected } => format!(
            "they engage with the page as its other followers do: {} of {} have, where {} would be expected",
            count(*n_engaged),
            count(*n),
            share_of(*expected)
        ),
        Finding::HasEngaged { n_engagements, n_orders: 0 } => {
            format!("has engaged with the page {}, which speaks for a person", counted(*n_engagements, "time", "times"))
        }
        Finding::HasEngaged { n_engagements, n_orders } => format!(
            "has engaged with the page {} and ordered {}, which speaks for a person",
            counted(*n_engagements, "time", "times"),
            counted(*n_orders, "time", "times")
        ),
        Finding::InRing { n_accounts, n_targets, n_shared, .. } => in_ring(*n_accounts, *n_targets, *n_shared),
        Finding::LabelledByHand { is_inauthentic } => labelled(*is_inauthentic),
        Finding::Overruled { is_inauthentic, by, why } => overruled(*is_inauthentic, by, why),
        Finding::NotTold(abstention) => abstention.why.clone(),
    }
}

fn in_ring(n_accounts: u64, n_targets: u64, n_shared: u64) -> String {
    format!(
        "the account acts in lockstep with others: {} of them share {} other {}, of which it follows {}",
        count(n_accounts),
        count(n_targets),
        if n_targets == 1 { "target" } else { "targets" },
        count(n_shared)
    )
}

fn labelled(is_inauthentic: bool) -> String {
    format!("somebody looked at the account and found {}", if is_inauthentic { "it inauthentic" } else { "a person" })
}

fn overruled(is_inauthentic: bool, by: &str, why: &str) -> String {
    let is = if is_inauthentic { "inauthentic" } else { "genuine" };
    format!("{} overruled the verdict and calls the account {is}: {}", plain(by), plain(why))
}

/// A column's value in words.
fn column_value(column: &str, value: u32) -> String {
    match (column, value) {
        ("has_avatar", 0) => "having no picture".to_owned(),
        ("has_avatar", _) => "having a picture".to_owned(),
        ("default_profile", 0) => "a profile that was changed".to_owned(),
        ("default_profile", _) => "a profile left as it was made".to_owned(),
        ("verified", 0) => "not being verified".to_owned(),
        ("verified", _) => "being verified".to_owned(),
        ("private", 0) => "being public".to_owned(),
        ("private", _) => "being private".to_owned(),
        ("unspoken_handle", 0) => "a handle that can be spoken".to_owned(),
        ("unspoken_handle", _) => "a handle that reads as no word".to_owned(),
        ("numbered_handle", 0) => "a handle that does not end in four digits or more".to_owned(),
        ("numbered_handle", _) => "a handle that ends in four digits or more".to_owned(),
        ("has_url", 0) => "having no link".to_owned(),
        ("has_url", _) => "having a link".to_owned(),
        ("bio_length", n) => format!("a description of {} characters", count(n.into())),
        ("following", n) => format!("following {}", counted(n.into(), "account", "accounts")),
        ("listed", n) => format!("standing in {}", counted(n.into(), "list", "lists")),
        (_, n) => format!("having {} {column}", count(n.into())),
    }
}

/// A column in words: what is counted, or what a yes means.
pub(super) fn column_name(column: &str) -> &str {
    match column {
        "has_avatar" => "with a picture",
        "default_profile" => "with a profile left as it was made",
        "verified" => "verified",
        "private" => "private",
        "has_url" => "with a link",
        "bio_length" => "length of description",
        "listed" => "lists",
        other => other,
    }
}

/// Reasons as one text, clauses joined by "; ".
pub(super) fn reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(|r| say(&r.finding)).collect::<Vec<_>>().join("; ")
}

/// The grounds of a spike's reading as one text.
pub(super) fn why(spike: &Spike) -> String {
    spike.findings.iter().map(say).collect::<Vec<_>>().join("; ")
}
