//! Plants as the command line writes them: `batch:at=980.1,followers=400,over=1.5,stock=aged`.

use assay_model::synth::{Plant, Stock, SynthPage};

/// Reads a plant of this page.
///
/// First the kind (`batch`, `drip`, `viral-day`, `give-away`, `starter-pack`, `shout-out`, `paid-campaign`, `purge`), then a colon and
/// settings with commas between: `at` (days after the page's opening), `followers`, `over` (days), `stock` (`fresh`, `aged`,
/// `mixed`), `country` (such as `BR`), `share` (0..1, of a purge). What is left out has a default, but `at` and, except for a
/// purge, `followers`.
///
/// # Errors
/// What was expected and what was found, lower case, without a final period.
pub fn parse_plant(page: &SynthPage, text: &str) -> Result<Plant, String> {
    let (kind, rest) = text.split_once(':').ok_or_else(|| {
        format!("expected a kind, a colon and settings, such as batch:at=980.1,followers=400, found {text}")
    })?;
    let settings = Settings::read(rest)?;
    let at = page.day(settings.at.ok_or_else(|| format!("expected at=DAYS in {text}, found none"))?);
    let followers = match (settings.followers, kind) {
        (Some(n), _) => n,
        (None, "purge") => 0,
        (None, _) => return Err(format!("expected followers=NUMBER in {text}, found none")),
    };
    let over = |days: f64| settings.over_days.unwrap_or(days);
    let stock = settings.stock.unwrap_or(Stock::fresh());
    Ok(match kind {
        "batch" => Plant::Batch { at, followers, over_days: over(1.0), stock },
        "drip" => Plant::Drip { at, followers, over_days: over(90.0), stock },
        "viral-day" => Plant::ViralDay { at, followers },
        "give-away" => Plant::GiveAway { at, followers, over_days: over(7.0) },
        "starter-pack" => Plant::StarterPack { at, followers },
        "shout-out" => Plant::ShoutOut { at, followers },
        "paid-campaign" => Plant::PaidCampaign { at, followers, country: settings.country.unwrap_or("BR") },
        "purge" => Plant::Purge { at, over_days: over(3.0), share: settings.share.unwrap_or(0.5) },
        _ => return Err(format!("expected a kind of plant, such as batch or viral-day, found {kind}")),
    })
}

#[derive(Debug, Default)]
struct Settings {
    at: Option<f64>,
    followers: Option<u32>,
    over_days: Option<f64>,
    stock: Option<Stock>,
    country: Option<&'static str>,
    share: Option<f64>,
}

impl Settings {
    fn read(text: &str) -> Result<Self, String> {
        let mut settings = Self::default();
        for setting in text.split(',') {
            let (key, value) = setting
                .split_once('=')
                .ok_or_else(|| format!("expected a setting with =, such as at=980.1, found {setting}"))?;
            match key {
                "at" => settings.at = Some(number(key, value)?),
                "followers" => settings.followers = Some(number(key, value)?),
                "over" => settings.over_days = Some(number(key, value)?),
                "share" => settings.share = Some(number(key, value)?),
                "stock" => settings.stock = Some(stock(value)?),
                "country" => settings.country = Some(country(value)?),
                _ => {
                    return Err(format!(
                        "expected a setting among at, followers, over, stock, country and share, found {key}"
                    ));
                }
            }
        }
        if settings.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("expected a share between 0 and 1".to_owned());
        }
        Ok(settings)
    }
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("expected a number for {key}, found {value}"))
}

fn stock(value: &str) -> Result<Stock, String> {
    match value {
        "fresh" => Ok(Stock::fresh()),
        "aged" => Ok(Stock::aged()),
        "mixed" => Ok(Stock::mixed()),
        _ => Err(format!("expected a stock among fresh, aged and mixed, found {value}")),
    }
}

fn country(value: &str) -> Result<&'static str, String> {
    let known = assay_model::synth::countries();
    known.into_iter().find(|c| *c == value).ok_or_else(|| format!("expected a country such as BR, found {value}"))
}

#[cfg(test)]
mod tests {
    use super::parse_plant;
    use assay_model::synth::{Plant, Stock, SynthPage};

    #[test]
    fn the_plants_of_the_example_can_be_written() {
        let example = SynthPage::example();
        let written = [
            "viral-day:at=700.4,followers=500",
            "batch:at=980.1,followers=400,over=1.5,stock=aged",
            "batch:at=1310.6,followers=250,over=0.8,stock=fresh",
        ];
        let read: Vec<Plant> = written.iter().map(|t| parse_plant(&example, t).expect(t)).collect();
        assert_eq!(read, example.plants);
    }

    #[test]
    fn defaults_stand_in_and_faults_are_told() {
        let page = SynthPage::default();
        let drip = parse_plant(&page, "drip:at=10,followers=5").expect("a drip");
        assert_eq!(drip, Plant::Drip { at: page.day(10.0), followers: 5, over_days: 90.0, stock: Stock::fresh() });
        for (text, told) in [
            ("batch", "expected a kind, a colon"),
            ("batch:followers=3", "expected at=DAYS"),
            ("batch:at=3", "expected followers=NUMBER"),
            ("batch:at=3,followers=x", "expected a number for followers, found x"),
            ("purge:at=3,share=2", "expected a share between 0 and 1"),
            ("meteor:at=3,followers=1", "found meteor"),
            ("paid-campaign:at=3,followers=1,country=XX", "found XX"),
        ] {
            assert!(parse_plant(&page, text).expect_err(text).contains(told), "{text}");
        }
    }
}
