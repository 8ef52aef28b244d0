//! The columns of an audience as small bins, so that every later pass is a look-up.

use crate::names::shape::Template;
use assay_model::{Audience, Column, Day, Flag, TimeMs, TimeQuality};

/// Bins of a count: 0 for none, then a quarter of a natural logarithm each, up to 4 million and more.
pub(super) const BINS: usize = 64;

/// Bin of a missing cell.
pub(super) const MISSING: u8 = u8::MAX;

/// Bins a unit of the natural logarithm.
const PER_LOG: f64 = 4.0;

/// A column is used if at least this share of its cells hold a value: what an export tells of few says who was looked up.
const MIN_FILLED: f64 = 0.5;

/// Digits from which on a handle was numbered by a program: fewer are birth years.
const DIGITS: u8 = 4;

/// Whether handles are among the features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handles {
    /// They are.
    Read,
    /// They are not.
    Ignored,
}

/// A feature of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the columns of the follower table, which `docs/glossary.md` defines")]
pub enum Feature {
    Followers,
    Following,
    Posts,
    Likes,
    Listed,
    BioLength,
    HasAvatar,
    DefaultProfile,
    Verified,
    Private,
    HasUrl,
    /// The handle is letters that read as no word; no column of the table, but read off `handle`.
    UnspokenHandle,
    /// The handle ends in four digits or more; read off `handle`.
    NumberedHandle,
}

impl Feature {
    /// The column's name in the follower table.
    pub fn column(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Posts => "posts",
            Self::Likes => "likes",
            Self::Listed => "listed",
            Self::BioLength => "bio_length",
            Self::HasAvatar => "has_avatar",
            Self::DefaultProfile => "default_profile",
            Self::Verified => "verified",
            Self::Private => "private",
            Self::HasUrl => "has_url",
            Self::UnspokenHandle => "unspoken_handle",
            Self::NumberedHandle => "numbered_handle",
        }
    }

    /// Every feature.
    pub(crate) const ALL: [Self; 11] = [
        Self::Followers,
        Self::Following,
        Self::Posts,
        Self::Likes,
        Self::Listed,
        Self::BioLength,
        Self::HasAvatar,
        Self::DefaultProfile,
        Self::Verified,
        Self::Private,
        Self::HasUrl,
    ];

    /// The counts of which three are needed at least.
    pub(super) const ESSENTIAL: [Self; 4] = [Self::Followers, Self::Following, Self::Posts, Self::Likes];

    /// A follower's value, 0 or 1 for a flag; 0 where it is missing.
    pub fn value(self, audience: &Audience, i: usize) -> u32 {
        self.told(audience, i).unwrap_or(0)
    }

    /// A follower's value, 0 or 1 for a flag, where it is told.
    pub(crate) fn told(self, audience: &Audience, i: usize) -> Option<u32> {
        let flag = |c: &Column<Flag>| c.get(i).map(|f| u32::from(f.is_yes()));
        let count = |c: &Column<u32>| c.get(i);
        let named = |is: fn(Template) -> bool| {
            let template = Template::of(audience.handle.get(i)?);
            template.index().map(|_| u32::from(is(template)))
        };
        match self {
            Self::Followers => count(&audience.followers),
            Self::Following => count(&audience.following),
            Self::Posts => count(&audience.posts),
            Self::Likes => count(&audience.likes),
            Self::Listed => count(&audience.listed),
            Self::BioLength => count(&audience.bio_length),
            Self::HasAvatar => flag(&audience.has_avatar),
            Self::DefaultProfile => flag(&audience.default_profile),
            Self::Verified => flag(&audience.verified),
            Self::Private => flag(&audience.private),
            Self::HasUrl => flag(&audience.has_url),
            Self::UnspokenHandle => named(Template::unspoken),
            Self::NumberedHandle => named(|t| t.n_digits() >= DIGITS),
        }
    }

    /// Whether it is a yes or no.
    pub(crate) fn is_flag(self) -> bool {
        matches!(
            self,
            Self::HasAvatar
                | Self::DefaultProfile
                | Self::Verified
                | Self::Private
                | Self::HasUrl
                | Self::UnspokenHandle
                | Self::NumberedHandle
        )
    }
}

/// One feature of every follower.
#[derive(Debug, Clone)]
pub(super) struct Binned {
    pub(super) feature: Feature,
    /// For each follower: a bin below [`BINS`], for a flag 0 or 1; [`MISSING`] where the export does not tell.
    pub(super) bins: Vec<u8>,
}

/// The bin of a count.
pub(super) fn bin(count: u32) -> u8 {
    if count == 0 { 0 } else { (1.0 + f64::from(count).ln() * PER_LOG).min(BINS as f64 - 1.0) as u8 }
}

/// The natural logarithm at the middle of a bin above 0.
pub(super) fn log_at(bin: usize) -> f64 {
    (bin as f64 - 0.5) / PER_LOG
}

/// Whether at least half of the features of a follower are told.
pub(super) fn is_told(features: &[Binned], i: usize) -> bool {
    2 * features.iter().filter(|f| f.bins[i] != MISSING).count() >= features.len()
}

/// The features that this audience tells of at least [`MIN_FILLED`] of its followers.
pub(super) fn features(audience: &Audience, handles: Handles) -> Vec<Binned> {
    let counts: [(Feature, &Column<u32>); 6] = [
        (Feature::Followers, &audience.followers),
        (Feature::Following, &audience.following),
        (Feature::Posts, &audience.posts),
        (Feature::Likes, &audience.likes),
        (Feature::Listed, &audience.listed),
        (Feature::BioLength, &audience.bio_length),
    ];
    let flags: [(Feature, &Column<Flag>); 5] = [
        (Feature::HasAvatar, &audience.has_avatar),
        (Feature::DefaultProfile, &audience.default_profile),
        (Feature::Verified, &audience.verified),
        (Feature::Private, &audience.private),
        (Feature::HasUrl, &audience.has_url),
    ];
    let enough = MIN_FILLED * audience.len() as f64;
    let mut all = Vec::new();
    for (feature, column) in counts {
        if column.n_values() as f64 >= enough && column.has_values() {
            all.push(Binned { feature, bins: column.iter().map(|c| c.map_or(MISSING, bin)).collect() });
        }
    }
    for (feature, column) in flags {
        if column.n_values() as f64 >= enough && column.has_values() {
            let bins = column.iter().map(|c| c.map_or(MISSING, |f| u8::from(f.is_yes()))).collect();
            all.push(Binned { feature, bins });
        }
    }
    if handles == Handles::Read {
        for feature in [Feature::UnspokenHandle, Feature::NumberedHandle] {
            let bins: Vec<u8> =
                (0..audience.len()).map(|i| feature.told(audience, i).map_or(MISSING, |v| v as u8)).collect();
            if bins.iter().filter(|b| **b != MISSING).count() as f64 >= enough && !bins.is_empty() {
                all.push(Binned { feature, bins });
            }
        }
    }
    all
}

/// Stands for a missing day.
pub(super) const NO_DAY: u32 = u32::MAX;

/// When each follower came and was opened, on coarse scales.
#[derive(Debug, Clone)]
pub(super) struct Times {
    /// Day of creation, counted from the first; [`NO_DAY`] where it is missing.
    pub(super) opened: Vec<u32>,
    /// The first day.
    pub(super) first: Day,
    /// Days from the first creation to the last, both counted.
    pub(super) n_days: usize,
    /// Block of the follow order, of [`BLOCKS`] equal ones; empty where the order is unknown.
    pub(super) block: Vec<u8>,
    /// First block in which the follower could have come: the account existed before the block was over.
    pub(super) earliest: Vec<u8>,
}

/// Blocks of the follow order, between which the make-up of the arrivals is compared.
pub(super) const BLOCKS: usize = 16;

impl Times {
    /// Reads creation days and blocks.
    pub(super) fn of(audience: &Audience) -> Self {
        let n = audience.len();
        let first = audience.created_at.iter().flatten().map(|t| t.day().0).min().unwrap_or(0);
        let opened: Vec<u32> =
            audience.created_at.iter().map(|c| c.map_or(NO_DAY, |t| (t.day().0 - first) as u32)).collect();
        let n_days = opened.iter().filter(|d| **d != NO_DAY).max().map_or(0, |d| *d as usize + 1);
        let first = Day(first);
        if audience.quality() == TimeQuality::Unknown || n == 0 {
            return Self { opened, first, n_days, block: Vec::new(), earliest: vec![0; n] };
        }
        let block: Vec<u8> = (0..n).map(|i| (i * BLOCKS / n) as u8).collect();
        // The last known time of each block: accounts opened later came later.
        let mut ends: Vec<Option<TimeMs>> = vec![None; BLOCKS];
        for i in 0..n {
            let at = audience.followed_at.get(i).or_else(|| audience.followed_after.get(i));
            let end = &mut ends[usize::from(block[i])];
            *end = (*end).max(at);
        }
        let earliest = (0..n)
            .map(|i| {
                let Some(created) = audience.created_at.get(i) else { return 0 };
                let open = ends.iter().position(|e| e.is_some_and(|e| e >= created)).unwrap_or(0) as u8;
                open.min(block[i])
            })
            .collect();
        Self { opened, first, n_days, block, earliest }
    }
}
