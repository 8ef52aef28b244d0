//! What keeps a scenario from being simulated: each fault names its key, what was expected, what was found, and what to do.

use super::agents::ROWS_MAX;
use super::graph::FOLLOWS_MAX;
use super::policies::{POLICIES, Policy};
use super::scenario::{GraphKind, Scenario};
use super::sellers::{SELLERS, Seller};

/// The most people: their numbers take 31 bits.
pub const USERS_MAX: u64 = 1 << 31;
/// The most days: ten years.
pub const DAYS_MAX: u32 = 3_653;
/// The most bought followers of all orders together, each of which is a row.
pub const BOUGHT_MAX: u64 = 20_000_000;

/// Something in a scenario that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: the path of the key, such as `buy[0].day`.
    pub key: String,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What to do.
    pub hint: String,
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, key: &str, expected: impl Into<String>, found: impl std::fmt::Display, hint: &str) {
        let (expected, found) = (expected.into(), found.to_string());
        self.0.push(Fault { key: key.to_owned(), expected, found, hint: hint.to_owned() });
    }

    fn within(&mut self, key: &str, value: f64, low: f64, high: f64) {
        if !(low..=high).contains(&value) {
            self.add(
                key,
                format!("a number from {low} to {high}"),
                value,
                "change it, or leave the key out for its default",
            );
        }
    }

    fn share(&mut self, key: &str, value: f64) {
        self.within(key, value, 0.0, 1.0);
    }
}

/// Every fault of a scenario, in the order of its keys; none where it can be simulated.
pub fn check(scenario: &Scenario) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    if scenario.days == 0 || scenario.days > DAYS_MAX {
        faults.add("days", format!("1 to {DAYS_MAX} days"), scenario.days, "simulate a shorter time");
    }
    platform(scenario, &mut faults);
    page(scenario, &mut faults);
    events(scenario, &mut faults);
    promotions(scenario, &mut faults);
    faults.share("purges.monthly_share", scenario.purges.monthly_share);
    faults.0
}

fn platform(scenario: &Scenario, faults: &mut Faults) {
    let p = &scenario.platform;
    if p.users == 0 || p.users >= USERS_MAX {
        faults.add("platform.users", format!("1 to {} people", USERS_MAX - 1), p.users, "simulate a smaller platform");
    }
    let fewest = p.follows.max(p.topics).max(1);
    if p.pages < fewest || p.pages > 1 << 30 {
        let expected = format!("{fewest} pages or more: as many as a person follows, and one of each topic");
        faults.add("platform.pages", expected, p.pages, "raise platform.pages, or lower platform.follows");
    }
    if Policy::of(&p.policy).is_none() {
        let ids: Vec<&str> = POLICIES.iter().map(|p| p.id).collect();
        faults.add("platform.policy", ids.join(", "), &p.policy, "see `assay reach policies`");
    }
    if p.follows == 0 || p.follows as usize > FOLLOWS_MAX {
        faults.add(
            "platform.follows",
            format!("1 to {FOLLOWS_MAX} pages"),
            p.follows,
            "people follow at least one page",
        );
    }
    let candidates = if p.window_h > 24 { 2 } else { 1 } * p.follows as usize + p.out_of_network as usize + 16;
    if candidates > ROWS_MAX {
        let found = format!("{candidates}");
        let expected = format!("at most {ROWS_MAX} candidates at a visit");
        faults.add(
            "platform.out_of_network",
            expected,
            found,
            "lower it, or platform.follows; with window_h = 24 they count once",
        );
    }
    if p.slots == 0 || p.slots > 200 {
        faults.add("platform.slots", "1 to 200 posts at a visit", p.slots, "a visit shows some tens");
    }
    if p.graph == GraphKind::Edges && p.edges.is_none() {
        faults.add(
            "platform.edges",
            "a file of follows, because graph is \"edges\"",
            "nothing",
            "name it: edges = \"follows.csv\"",
        );
    }
    if p.graph != GraphKind::Edges && p.edges.is_some() {
        faults.add(
            "platform.graph",
            "\"edges\", because platform.edges names a file",
            "another",
            "set graph = \"edges\", or take edges out",
        );
    }
    if p.graph == GraphKind::Rmat && p.users.saturating_mul(u64::from(p.follows)) > 1 << 28 {
        faults.add(
            "platform.graph",
            "at most 268 million follows for \"rmat\"",
            p.users * u64::from(p.follows),
            "use \"procedural\", which takes no memory",
        );
    }
    if !p.topics.is_power_of_two() || p.topics > 32 {
        faults.add("platform.topics", "1, 2, 4, 8, 16 or 32", p.topics, "round it");
    }
    if p.window_h != 24 && p.window_h != 48 {
        faults.add("platform.window_h", "24 or 48 hours", p.window_h, "posts are candidates for one day or two");
    }
    faults.share("platform.homophily_share", p.homophily_share);
    faults.within("platform.off_topic", p.off_topic, 0.001, 1.0);
    faults.share("platform.posts_a_day", p.posts_a_day);
    faults.within("platform.engage_share", p.engage_share, 0.0001, 0.5);
    faults.within("platform.engage_spread", p.engage_spread, 0.0, 1.5);
    faults.within("platform.sharpness", p.sharpness, 0.0, 3.0);
    faults.share("platform.fatigue_share", p.fatigue_share);
    faults.share("platform.see_fewer_share", p.see_fewer_share);
    sums_to_one("platform.activity", p.activity.iter().map(|a| a.share), 6, faults);
    for (i, a) in p.activity.iter().enumerate() {
        faults.share(&format!("platform.activity[{i}].opens_share"), a.opens_share);
    }
    if scenario.mean_opens_share() <= 0.0 {
        faults.add("platform.activity", "somebody who opens the app", "nobody", "raise an opens_share above 0");
    }
    sums_to_one("platform.groups", p.groups.iter().map(|g| g.share), 16, faults);
    for (i, g) in p.groups.iter().enumerate() {
        faults.within(&format!("platform.groups[{i}].engages"), g.engages, 0.0, 20.0);
        if p.groups[..i].iter().any(|other| other.name == g.name) {
            faults.add(&format!("platform.groups[{i}].name"), "a name of its own", &g.name, "rename one of the two");
        }
    }
}

fn sums_to_one(key: &str, shares: impl Iterator<Item = f64>, most: usize, faults: &mut Faults) {
    let shares: Vec<f64> = shares.collect();
    if shares.is_empty() || shares.len() > most {
        faults.add(key, format!("1 to {most} entries"), shares.len(), "each entry is a table of its own, with [[…]]");
        return;
    }
    let sum: f64 = shares.iter().sum();
    if shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (sum - 1.0).abs() > 1e-6 {
        faults.add(key, "shares from 0 to 1 that sum to 1", format!("a sum of {sum}"), "make the shares sum to 1");
    }
}

fn page(scenario: &Scenario, faults: &mut Faults) {
    let (page, p) = (&scenario.page, &scenario.platform);
    let on_topic = if p.topics == 1 { 1.0 } else { page.on_topic_share };
    let of_topic = p.users as f64 / f64::from(p.topics.max(1));
    let off = p.users as f64 - of_topic;
    let followers = page.followers as f64;
    // Half of a topic's people at the most, so that each follower can be found.
    if followers * on_topic > 0.5 * of_topic || followers * (1.0 - on_topic) > 0.5 * off.max(0.0) {
        let expected = format!("at most half of the {of_topic:.0} people of its topic, and half of the others");
        faults.add(
            "page.followers",
            expected,
            page.followers,
            "raise platform.users, or lower page.followers or platform.topics",
        );
    }
    if page.topic >= p.topics {
        faults.add(
            "page.topic",
            format!("0 to {}", p.topics.saturating_sub(1)),
            page.topic,
            "topics are counted from 0",
        );
    }
    faults.share("page.engage_share", page.engage_share);
    faults.within("page.posts_a_day", page.posts_a_day, 0.0, 8.0);
    faults.share("page.on_topic_share", page.on_topic_share);
    faults.within("page.follows_a_day", page.follows_a_day, 0.0, (p.users as f64 / 100.0).max(1.0));
    faults.share("page.leave_share", page.leave_share);
    faults.within("page.strangers_engage", page.strangers_engage, 0.0, 10.0);
    faults.within("page.discovery", page.discovery, 0.0, 1_000.0);
    faults.share("page.follow_back_share", page.follow_back_share);
    let money = &scenario.money;
    faults.share("money.orders_per_engagement", money.orders_per_engagement);
    faults.within("money.order_minor", money.order_minor, 0.0, 1e12);
    if money.currency.len() != 3 || !money.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        faults.add(
            "money.currency",
            "an ISO 4217 code, such as EUR",
            &money.currency,
            "write its three capital letters",
        );
    }
}

fn events(scenario: &Scenario, faults: &mut Faults) {
    for (i, buy) in scenario.buy.iter().enumerate() {
        let key = |name: &str| format!("buy[{i}].{name}");
        on_a_day(&key("day"), buy.day, scenario, faults);
        if buy.followers == 0 {
            faults.add(&key("followers"), "at least 1", 0, "take the purchase out");
        }
        if Seller::of(&buy.seller).is_none() {
            let ids: Vec<&str> = SELLERS.iter().map(|s| s.id).collect();
            faults.add(&key("seller"), ids.join(", "), &buy.seller, "see `assay reach policies`");
        }
        if let Some(opens) = buy.opens_share {
            faults.share(&key("opens_share"), opens);
        }
        faults.share(&key("engage_share"), buy.engage_share);
        faults.within(&key("drop_off"), buy.drop_off, 0.0, 100.0);
        faults.share(&key("over_delivery_share"), buy.over_delivery_share);
        faults.within(&key("price_per_1000_minor"), buy.price_per_1000_minor, 0.0, 1e12);
    }
    let bought: f64 = scenario.buy.iter().map(|b| b.followers as f64 * (1.0 + b.over_delivery_share)).sum();
    if bought > BOUGHT_MAX as f64 {
        faults.add("buy", format!("at most {BOUGHT_MAX} bought followers in all"), bought, "buy fewer");
    }
    for (i, removal) in scenario.remove.iter().enumerate() {
        let key = |name: &str| format!("remove[{i}].{name}");
        on_a_day(&key("day"), removal.day, scenario, faults);
        if scenario.buy.iter().all(|b| b.day > removal.day) {
            let first = scenario.buy.iter().map(|b| b.day).min();
            let found = first.map_or("nothing is bought".to_owned(), |d| format!("the first purchase is on day {d}"));
            faults.add(
                &key("day"),
                "a day on which bought followers are there to be removed",
                found,
                "buy before, or take the removal out",
            );
        }
        faults.share(&key("share"), removal.share);
        if removal.steps == 0 || removal.steps > 1_000 {
            faults.add(&key("steps"), "1 to 1,000 steps", removal.steps, "remove in one step or a few");
        }
        if removal.every_days == 0 {
            faults.add(&key("every_days"), "at least 1 day", 0, "set the days between steps");
        }
        let last = u64::from(removal.day) + u64::from(removal.steps.saturating_sub(1)) * u64::from(removal.every_days);
        if last >= u64::from(scenario.days) && removal.day < scenario.days {
            let expected = format!("all steps within the {} days", scenario.days);
            faults.add(
                &key("steps"),
                expected,
                format!("the last step on day {last}"),
                "begin earlier, take fewer steps, or raise days",
            );
        }
        faults.within(&key("mistaken_share"), removal.mistaken_share, 0.0, 0.99);
    }
}

fn promotions(scenario: &Scenario, faults: &mut Faults) {
    for (i, promotion) in scenario.promote.iter().enumerate() {
        let key = |name: &str| format!("promote[{i}].{name}");
        on_a_day(&key("day"), promotion.day, scenario, faults);
        if promotion.days == 0 {
            faults.add(&key("days"), "at least 1 day", 0, "set for how many days it runs");
        }
        faults.within(&key("spend_minor"), promotion.spend_minor, 0.0, 1e12);
        faults.within(&key("cpm_minor"), promotion.cpm_minor, 1.0, 1e9);
        if promotion.spend_minor / promotion.cpm_minor.max(1.0) * 1_000.0 > 1e7 {
            faults.add(
                &key("spend_minor"),
                "at most 10 million impressions",
                promotion.spend_minor,
                "spend less, or check that both are in minor units",
            );
        }
        if let Some(topic) = promotion.topic.filter(|t| *t >= scenario.platform.topics) {
            faults.add(
                &key("topic"),
                format!("0 to {}", scenario.platform.topics.saturating_sub(1)),
                topic,
                "topics are counted from 0",
            );
        }
        let groups = &scenario.platform.groups;
        if !groups.iter().any(|g| promotion.aims_at(g)) {
            let known: Vec<String> = groups.iter().map(|g| format!("{} in {}", g.name, g.place)).collect();
            let found = [promotion.group.as_deref(), promotion.place.as_deref()];
            let found = found.into_iter().flatten().collect::<Vec<_>>().join(" in ");
            faults.add(
                &key(if promotion.group.is_some() { "group" } else { "place" }),
                known.join(", "),
                found,
                "name a group or place of platform.groups",
            );
        }
    }
}

fn on_a_day(key: &str, day: u32, scenario: &Scenario, faults: &mut Faults) {
    if day >= scenario.days {
        let expected = format!("a day from 0 to {}", scenario.days.saturating_sub(1));
        faults.add(key, expected, day, "raise days, or let it happen earlier");
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::feed::scenario::{Buy, GraphKind, Promotion, Removal, Scenario, SoldAccounts};

    /// A key, and what breaks it.
    type Case = (&'static str, Box<dyn Fn(&mut Scenario)>);

    fn buy(day: u32) -> Buy {
        Buy {
            day,
            followers: 10,
            seller: "burst".into(),
            accounts: SoldAccounts::Dormant,
            opens_share: None,
            engage_share: 0.0,
            drop_off: 1.0,
            over_delivery_share: 0.0,
            price_per_1000_minor: 500.0,
        }
    }

    #[test]
    fn the_default_can_be_simulated() {
        assert_eq!(check(&Scenario::default()), []);
    }

    /// Each contradiction is told, at its key.
    #[test]
    fn what_cannot_be_is_told_with_its_key() {
        let removal = |day, steps| Removal { day, share: 1.0, steps, every_days: 30, mistaken_share: 0.0 };
        let promotion = |group: Option<&str>| Promotion {
            day: 0,
            days: 7,
            spend_minor: 100.0,
            cpm_minor: 600.0,
            topic: None,
            place: None,
            group: group.map(str::to_owned),
        };
        let cases: Vec<Case> = vec![
            ("days", Box::new(|s| s.days = 0)),
            ("platform.users", Box::new(|s| s.platform.users = 0)),
            ("page.followers", Box::new(|s| s.page.followers = 99_000)),
            ("page.followers", Box::new(|s| s.platform.users = 1_000)),
            ("platform.pages", Box::new(|s| s.platform.pages = 10)),
            ("platform.policy", Box::new(|s| s.platform.policy = "moon".into())),
            ("platform.follows", Box::new(|s| s.platform.follows = 0)),
            ("platform.out_of_network", Box::new(|s| s.platform.out_of_network = 1_000)),
            ("platform.slots", Box::new(|s| s.platform.slots = 0)),
            ("platform.edges", Box::new(|s| s.platform.graph = GraphKind::Edges)),
            ("platform.graph", Box::new(|s| s.platform.edges = Some("x.csv".into()))),
            ("platform.topics", Box::new(|s| s.platform.topics = 3)),
            ("platform.window_h", Box::new(|s| s.platform.window_h = 36)),
            ("platform.engage_share", Box::new(|s| s.platform.engage_share = f64::NAN)),
            ("platform.posts_a_day", Box::new(|s| s.platform.posts_a_day = 4.0)),
            ("platform.activity", Box::new(|s| s.platform.activity[0].share = 0.9)),
            ("platform.groups", Box::new(|s| s.platform.groups.clear())),
            ("page.topic", Box::new(|s| s.page.topic = 4)),
            ("page.engage_share", Box::new(|s| s.page.engage_share = 1.2)),
            ("page.posts_a_day", Box::new(|s| s.page.posts_a_day = -1.0)),
            ("money.currency", Box::new(|s| s.money.currency = "euro".into())),
            ("buy[0].day", Box::new(|s| s.buy = vec![buy(180)])),
            ("buy[1].seller", Box::new(|s| s.buy = vec![buy(1), Buy { seller: "shop".into(), ..buy(2) }])),
            ("buy[0].followers", Box::new(|s| s.buy = vec![Buy { followers: 0, ..buy(2) }])),
            ("remove[0].day", Box::new(move |s| s.remove = vec![removal(10, 1)])),
            (
                "remove[0].day",
                Box::new(move |s| {
                    s.buy = vec![buy(50)];
                    s.remove = vec![removal(10, 1)];
                }),
            ),
            (
                "remove[0].steps",
                Box::new(move |s| {
                    s.buy = vec![buy(5)];
                    s.remove = vec![removal(100, 4)];
                }),
            ),
            ("promote[0].group", Box::new(move |s| s.promote = vec![promotion(Some("nobody"))])),
            ("purges.monthly_share", Box::new(|s| s.purges.monthly_share = 2.0)),
        ];
        for (key, break_it) in cases {
            let mut scenario = Scenario::default();
            break_it(&mut scenario);
            let faults = check(&scenario);
            assert!(faults.iter().any(|f| f.key == key), "{key}: {faults:?}");
            assert!(faults.iter().all(|f| !f.expected.is_empty() && !f.hint.is_empty()));
        }
    }
}
