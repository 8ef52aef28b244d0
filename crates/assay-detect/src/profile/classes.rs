//! Classes of accounts: what the profiles of one kind look like, as independent columns.
//!
//! A count is none with some probability, else log-normal; a flag is a coin. A little of every class is spread evenly over
//! all values, so that no single odd column decides. Correlation between columns is carried by having several classes.

use super::features::{BINS, Binned, Feature, MISSING, log_at};

/// Part of a class that is spread evenly over all values: an odd value costs at most about four nats.
const STRAY: f64 = 0.03;

/// Narrowest spread of a logarithm: finer than a third is not told apart in quarters.
const SIGMA_MIN: f64 = 0.3;

/// Accounts that the prior of a class counts for.
const PRIOR_ACCOUNTS: f64 = 4.0;

/// ln of the probability of each bin, for each feature.
pub(super) type Tables = Vec<[f32; BINS]>;

/// The look of one kind of account: for each feature the share without any, mean and spread of the logarithm of the others
/// (for a flag: the share of no).
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) none: Vec<f64>,
    pub(super) mean: Vec<f64>,
    pub(super) sigma: Vec<f64>,
}

/// Weighted counts by feature and bin: all that a fit needs.
pub(super) type Counts = Vec<[f64; BINS]>;

/// Empty counts.
pub(super) fn no_counts(n_features: usize) -> Counts {
    vec![[0.0; BINS]; n_features]
}

/// Adds a follower with a weight.
pub(super) fn add(counts: &mut Counts, features: &[Binned], i: usize, weight: f64) {
    for (c, f) in counts.iter_mut().zip(features) {
        let b = f.bins[i];
        if b != MISSING {
            c[usize::from(b)] += weight;
        }
    }
}

impl Look {
    /// A look that says nothing.
    pub(super) fn flat(n_features: usize) -> Self {
        Self { none: vec![0.5; n_features], mean: vec![4.0; n_features], sigma: vec![2.0; n_features] }
    }

    /// What sold accounts look like before any was seen on a page: few followers, many followed, few posts, no likes, a
    /// bare profile. Wide on purpose, since it only says where to start: a fit of a dozen accounts moves it away.
    ///
    /// Sources: no post for 23 to 25 % and few for the others (Barracuda Labs 2012, "The Twitter Underground Economy");
    /// many followed and few followers (Stringhini and others 2013, "Follow the Green"; Cresci and others 2015, "Fame for
    /// sale", whose printed totals come to 10 to 34 followers and 216 to 864 followed an account). The rest is made.
    pub(super) fn sold(features: &[Binned]) -> Self {
        let of = |f: Feature| match f {
            Feature::Followers => (0.10, 15.0_f64.ln(), 1.3),
            Feature::Following => (0.02, 350.0_f64.ln(), 1.0),
            Feature::Posts => (0.24, 15.0_f64.ln(), 1.5),
            Feature::Likes => (0.70, 3.0_f64.ln(), 1.2),
            Feature::Listed => (0.95, 0.3, 1.0),
            Feature::BioLength => (0.45, 45.0_f64.ln(), 0.9),
            Feature::HasAvatar => (0.20, 0.0, 1.0),
            Feature::DefaultProfile => (0.15, 0.0, 1.0),
            Feature::Verified => (0.999, 0.0, 1.0),
            Feature::Private | Feature::HasUrl => (0.96, 0.0, 1.0),
            // Programs name accounts; how many sellers do is not known.
            Feature::UnspokenHandle | Feature::NumberedHandle => (0.75, 0.0, 1.0),
        };
        let all: Vec<_> = features.iter().map(|b| of(b.feature)).collect();
        Self {
            none: all.iter().map(|x| x.0).collect(),
            mean: all.iter().map(|x| x.1).collect(),
            sigma: all.iter().map(|x| x.2).collect(),
        }
    }

    /// Fits a class to weighted counts, drawn towards `prior` with the weight of a few accounts.
    pub(super) fn fit(counts: &Counts, features: &[Binned], prior: &Self) -> Self {
        let mut look = prior.clone();
        for (f, (c, binned)) in counts.iter().zip(features).enumerate() {
            let all: f64 = c.iter().sum();
            look.none[f] = (c[0] + PRIOR_ACCOUNTS * prior.none[f]) / (all + PRIOR_ACCOUNTS);
            if binned.feature.is_flag() {
                continue;
            }
            let some = all - c[0];
            let sum: f64 = c.iter().enumerate().skip(1).map(|(b, w)| w * log_at(b)).sum();
            let mean = (sum + PRIOR_ACCOUNTS * prior.mean[f]) / (some + PRIOR_ACCOUNTS);
            let squares: f64 = c.iter().enumerate().skip(1).map(|(b, w)| w * (log_at(b) - mean).powi(2)).sum();
            let pull = PRIOR_ACCOUNTS * (prior.sigma[f].powi(2) + (prior.mean[f] - mean).powi(2));
            look.mean[f] = mean;
            look.sigma[f] = ((squares + pull) / (some + PRIOR_ACCOUNTS)).sqrt().max(SIGMA_MIN);
        }
        look
    }

    /// ln of the probability of each bin.
    pub(super) fn tables(&self, features: &[Binned]) -> Tables {
        features.iter().enumerate().map(|(f, binned)| self.table(f, binned.feature.is_flag())).collect()
    }

    fn table(&self, f: usize, flag: bool) -> [f32; BINS] {
        let mut p = [0.0_f64; BINS];
        if flag {
            p[0] = (self.none[f] * (1.0 - STRAY) + STRAY / 2.0).ln();
            p[1] = ((1.0 - self.none[f]) * (1.0 - STRAY) + STRAY / 2.0).ln();
            return p.map(|x| x as f32);
        }
        let density = |b: usize| (-0.5 * ((log_at(b) - self.mean[f]) / self.sigma[f]).powi(2)).exp();
        let total: f64 = (1..BINS).map(density).sum::<f64>().max(1e-9);
        for (b, p) in p.iter_mut().enumerate() {
            let own = if b == 0 { self.none[f] } else { (1.0 - self.none[f]) * density(b) / total };
            *p = (own * (1.0 - STRAY) + STRAY / BINS as f64).ln();
        }
        p.map(|x| x as f32)
    }
}

/// ln of the probability of follower `i` in a class of these tables.
pub(super) fn log_look(tables: &Tables, features: &[Binned], i: usize) -> f64 {
    let mut sum = 0.0_f32;
    for (t, f) in tables.iter().zip(features) {
        let b = f.bins[i];
        if b != MISSING {
            sum += t[usize::from(b)];
        }
    }
    f64::from(sum)
}

#[cfg(test)]
mod tests {
    use super::{Look, PRIOR_ACCOUNTS, add, no_counts};
    use crate::profile::features::{BINS, Binned, Feature, bin, log_at};

    fn posts(counts: &[u32]) -> Vec<Binned> {
        vec![Binned { feature: Feature::Posts, bins: counts.iter().map(|c| bin(*c)).collect() }]
    }

    #[test]
    fn the_bins_of_a_look_add_up_to_one_and_none_is_out_of_reach() {
        let features = posts(&[]);
        for mean in [0.0, 3.0, 9.0] {
            let look = Look { none: vec![0.2], mean: vec![mean], sigma: vec![1.1] };
            let table = look.tables(&features)[0];
            let sum: f64 = table.iter().map(|l| f64::from(*l).exp()).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            assert!(table.iter().all(|l| *l > -9.0));
        }
    }

    /// Closed form: weighted moments of the logarithms with the prior as so many accounts more.
    #[test]
    fn a_fit_has_the_moments_of_its_counts() {
        let features = posts(&[0, 10, 10, 1000]);
        let mut counts = no_counts(1);
        for (i, w) in [1.0, 2.0, 0.5, 1.0].into_iter().enumerate() {
            add(&mut counts, &features, i, w);
        }
        let prior = Look { none: vec![0.5], mean: vec![4.0], sigma: vec![2.0] };
        let look = Look::fit(&counts, &features, &prior);
        let (ten, thousand) = (log_at(usize::from(bin(10))), log_at(usize::from(bin(1000))));
        let k = PRIOR_ACCOUNTS;
        let mean = (2.5 * ten + thousand + k * 4.0) / (3.5 + k);
        let squares = 2.5 * (ten - mean).powi(2) + (thousand - mean).powi(2) + k * (4.0 + (4.0 - mean).powi(2));
        assert!((look.none[0] - (1.0 + k * 0.5) / (4.5 + k)).abs() < 1e-12);
        assert!((look.mean[0] - mean).abs() < 1e-12 && (look.sigma[0] - (squares / (3.5 + k)).sqrt()).abs() < 1e-12);
        assert!(usize::from(bin(u32::MAX - 1)) < BINS);
    }
}
