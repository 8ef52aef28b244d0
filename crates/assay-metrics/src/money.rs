//! Sums of money, exact, in one currency; others are converted only at rates that the user supplies.

use crate::frame::Asked;
use assay_model::{Abstention, Amount, Business, Day, Decimal, minor_places};

/// A sum of money.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// Minor units; whole.
    pub minor: f64,
    /// The currency; `None` where nobody told it.
    pub currency: Option<String>,
    /// How many amounts were added.
    pub n: u64,
}

/// A rate: what one unit of `from` is worth in `to` from `day` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// The first day on which it holds.
    pub day: Day,
    /// An ISO 4217 code, upper case.
    pub from: String,
    /// An ISO 4217 code, upper case.
    pub to: String,
    /// How many units of `to` one unit of `from` is worth, above 0.
    pub rate: Decimal,
}

/// Rates by day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rates(Vec<Rate>);

impl Rates {
    /// Puts rates in order of days.
    pub fn new(mut rates: Vec<Rate>) -> Self {
        rates.sort_by(|a, b| (&a.from, &a.to, a.day).cmp(&(&b.from, &b.to, b.day)));
        Self(rates)
    }

    /// The rate of that day or the latest one before it.
    pub fn at(&self, from: &str, to: &str, day: Day) -> Option<Decimal> {
        let until = self.0.partition_point(|r| (r.from.as_str(), r.to.as_str(), r.day) <= (from, to, day));
        let rate = self.0[..until].last()?;
        (rate.from == from && rate.to == to).then_some(rate.rate)
    }
}

/// A sum of amounts that grows. Where they are of several currencies, each is converted at the rate of its day, halves to the
/// even unit.
#[derive(Debug, Clone)]
pub(crate) struct Sum<'a> {
    business: &'a Business,
    asked: &'a Asked,
    /// Sum and number of the amounts that stay as they are, by currency.
    of: Vec<(i128, u64)>,
    converted: i128,
    n_converted: u64,
}

impl<'a> Sum<'a> {
    pub(crate) fn new(business: &'a Business, asked: &'a Asked) -> Self {
        Self { business, asked, of: Vec::new(), converted: 0, n_converted: 0 }
    }

    fn code(&self, c: usize) -> &'a str {
        self.business.currencies[c].as_str()
    }

    /// Adds an amount of a day.
    pub(crate) fn add(&mut self, amount: Amount, day: Option<Day>) -> Result<(), Abstention> {
        let c = usize::from(amount.currency.0);
        let code = self.code(c);
        let Some(to) = self.asked.currency.as_deref().filter(|w| !code.is_empty() && code != *w) else {
            if self.of.len() <= c {
                self.of.resize(c + 1, (0, 0));
            }
            self.of[c].0 += i128::from(amount.minor);
            self.of[c].1 += 1;
            return Ok(());
        };
        let Some(rate) = day.and_then(|d| self.asked.rates.at(code, to, d)) else {
            return Err(Abstention::new(
                format!("there is no rate from {code} to {to} for the day of an amount"),
                "--rates FILE with a row on or before the first of its days",
            ));
        };
        self.converted += convert(amount.minor, minor_places(code), rate, minor_places(to));
        self.n_converted += 1;
        Ok(())
    }

    /// What it came to, in one currency.
    pub(crate) fn money(&self) -> Result<Money, Abstention> {
        let present: Vec<usize> = (0..self.of.len()).filter(|c| self.of[*c].1 > 0).collect();
        if self.n_converted == 0 && present.len() > 1 {
            let name = |c: &usize| Some(self.code(*c)).filter(|c| !c.is_empty()).unwrap_or("no currency that is told");
            let names: Vec<&str> = present.iter().map(name).collect();
            return Err(Abstention::new(
                format!("amounts are in {}, which are never added as they are", names.join(" and ")),
                "--currency CODE with --rates FILE, dated rates of your own",
            ));
        }
        let currency = match (&self.asked.currency, present.first()) {
            (Some(w), _) => Some(w.clone()),
            (None, Some(c)) => Some(self.code(*c).to_owned()).filter(|c| !c.is_empty()),
            (None, None) => None,
        };
        Ok(Money {
            minor: (self.of.iter().map(|s| s.0).sum::<i128>() + self.converted) as f64,
            currency,
            n: self.of.iter().map(|s| s.1).sum::<u64>() + self.n_converted,
        })
    }
}

/// Minor units of one currency in minor units of another, halves to the even one.
fn convert(minor: i64, from_places: u8, rate: Decimal, to_places: u8) -> i128 {
    let up = i128::from(minor) * i128::from(rate.units) * 10_i128.pow(u32::from(to_places));
    let unit = 10_i128.pow(u32::from(from_places) + u32::from(rate.places));
    let (whole, rest) = (up.div_euclid(unit), up.rem_euclid(unit));
    whole + i128::from(rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0))
}

#[cfg(test)]
mod tests {
    use super::{Rate, Rates, convert};
    use assay_model::{Day, Decimal};

    #[test]
    fn the_rate_of_a_day_is_the_latest_one_until_then() {
        let rate = |day, from: &str, rate: &str| Rate {
            day: Day(day),
            from: from.to_owned(),
            to: "EUR".to_owned(),
            rate: Decimal::parse(rate).unwrap(),
        };
        let rates = Rates::new(vec![rate(20, "USD", "0.9"), rate(10, "USD", "0.8"), rate(1, "GBP", "1.2")]);
        let at = |from, day| rates.at(from, "EUR", Day(day)).and_then(|d| d.minor(2));
        assert_eq!((at("USD", 9), at("USD", 10), at("USD", 19), at("USD", 25)), (None, Some(80), Some(80), Some(90)));
        assert_eq!((at("GBP", 3), at("CHF", 3)), (Some(120), None));
    }

    #[test]
    fn amounts_are_converted_exactly() {
        let rate = Decimal::parse("0.0065").unwrap();
        assert_eq!(convert(1_000, 0, rate, 2), 650); // 1000 JPY at .0065 are 6.50
        assert_eq!(convert(-1_000, 0, rate, 2), -650);
        assert_eq!(convert(1, 2, Decimal::parse("0.5").unwrap(), 2), 0); // half a cent: to the even one
        assert_eq!(convert(3, 2, Decimal::parse("0.5").unwrap(), 2), 2);
    }
}
