//! When edges came: columns beside a graph, and the graph of who came to what within the same stretch of time.
//!
//! A *cell* is a target in a bucket of time. The graph of sources and cells joins a source to a cell when it came to the
//! target in that time, so what is dense in it acted together, and a target's audience of other days is out of the way. This
//! is the key of `SynchroTrap` (Cao, Yang, Yu and Palow, "Uncovering large groups of active malicious accounts in online social
//! networks", 2014), used as the other side of a graph.

use crate::whole::{Whole, WholeCells};
use assay_math::graph::{Bipartite, BuildError, PairSlices, build};
use assay_model::{Stopped, Tick};

/// The time of an edge that has none.
pub const NO_TIME: u32 = u32::MAX;
/// Lengths of buckets of time, in days: campaigns of hours to a few days, and of weeks. Made.
pub(crate) const BUCKET_DAYS: [u32; 2] = [3, 30];
/// Steps of the table of times of all edges: a quarter of an hour each where edges span two years.
const STEPS: usize = 1 << 16;

/// Seconds in a bucket of the `k`th length.
pub(crate) fn bucket_s(k: usize) -> u32 {
    BUCKET_DAYS[k] * 86_400
}

/// When each edge came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Times {
    /// Seconds after [`Times::origin_s`], or [`NO_TIME`]: one for each edge of `by_source`, in its order.
    pub at: Vec<u32>,
    /// Seconds since 1970 (UTC) of the earliest edge.
    pub origin_s: i64,
}

impl Times {
    /// The time of edge `e`.
    pub fn of(&self, e: u64) -> Option<u32> {
        Some(self.at[e as usize]).filter(|&at| at != NO_TIME)
    }
}

/// How many edges came in each of `STEPS` steps of equal length.
#[derive(Debug, Clone, Default)]
pub struct FlowCounts {
    counts: Vec<u64>,
    step_s: f64,
}

impl FlowCounts {
    /// None yet, of edges up to so long after the first.
    pub fn new(last: u32) -> Self {
        Self { counts: vec![0; STEPS], step_s: (f64::from(last) + 1.0) / STEPS as f64 }
    }

    /// Counts an edge, if it has a time.
    pub fn add(&mut self, at: u32) {
        if at != NO_TIME {
            self.counts[(f64::from(at) / self.step_s) as usize] += 1;
        }
    }

    /// How many were counted.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// How many edges of the graph came up to a time: a step function with `STEPS` steps of equal length.
#[derive(Debug)]
pub struct Flow {
    up_to: Vec<u64>,
    step_s: f64,
}

impl Flow {
    /// Counts the edges of a graph by time.
    pub fn new(times: &Times) -> Self {
        let last = times.at.iter().copied().filter(|&at| at != NO_TIME).max().unwrap_or(0);
        let mut counts = FlowCounts::new(last);
        times.at.iter().for_each(|&at| counts.add(at));
        Self::of(&counts)
    }

    /// Of edges that were counted.
    pub fn of(counts: &FlowCounts) -> Self {
        let mut up_to = vec![0_u64; STEPS + 1];
        for (k, n) in counts.counts.iter().enumerate() {
            up_to[k + 1] = up_to[k] + n;
        }
        Self { up_to, step_s: counts.step_s }
    }

    /// All edges that have a time.
    pub fn n(&self) -> f64 {
        self.up_to[STEPS] as f64
    }

    /// Seconds from the first to the last.
    pub fn span_s(&self) -> f64 {
        self.step_s * STEPS as f64
    }

    /// How many edges came in the steps that hold `from..=to`: no fewer than came in that time itself, even where times are
    /// whole days, so that all edges of a day came in one second.
    pub fn between(&self, from: u32, to: u32) -> f64 {
        let step = |at: u32| ((f64::from(at) / self.step_s) as usize).min(STEPS - 1);
        (self.up_to[step(to) + 1] - self.up_to[step(from)]) as f64
    }
}

/// The graph of sources and cells.
#[derive(Debug)]
pub struct Cells {
    /// Sources and cells.
    pub graph: Bipartite,
    /// The target of each cell.
    pub target: Vec<u32>,
    /// Seconds in a bucket.
    pub bucket_s: u32,
    /// What is known of the cells of the whole, if this is a part of it.
    pub whole: Option<WholeCells>,
}

impl Cells {
    /// The cells, in buckets of the `k`th length, to which two sources or more came; the others join nobody. Costs a sort of each
    /// target's edges, and 20 bytes an edge while it is built.
    ///
    /// # Errors
    /// [`Stopped`] when the tick says so.
    pub(crate) fn new(
        graph: &Bipartite,
        times: &Times,
        whole: Option<&Whole>,
        k: usize,
        tick: &mut Tick<'_>,
    ) -> Result<Self, Stopped> {
        let bucket_s = bucket_s(k);
        let bucket = buckets(graph, times, bucket_s);
        let (mut sources, mut cells, mut target) = (Vec::new(), Vec::new(), Vec::new());
        let mut known = whole.map(|whole| (whole, WholeCells::new(graph.n_sources())));
        let (mut row, mut around): (Vec<(u32, u32)>, Vec<u32>) = (Vec::new(), Vec::new());
        for t in 0..graph.n_targets() {
            row.clear();
            let begin = graph.by_target.first_edge(t) as usize;
            row.extend(bucket[begin..].iter().copied().zip(graph.by_target.neighbours(t).iter().copied()));
            row.retain(|&(b, _)| b != NO_TIME);
            row.sort_unstable();
            if let Some((whole, known)) = &mut known {
                around.clear();
                around.extend(whole.around(t).iter().filter(|edge| edge.at != NO_TIME).map(|edge| edge.at / bucket_s));
                around.sort_unstable();
                let is_left = |b: u32| row.binary_search_by_key(&b, |&(bucket, _)| bucket).is_ok();
                around
                    .chunk_by(|a, b| a == b)
                    .filter(|cell| !is_left(cell[0]))
                    .for_each(|cell| known.add(cell.len(), &[]));
            }
            for cell in row.chunk_by(|a, b| a.0 == b.0) {
                let from = around.partition_point(|&b| b < cell[0].0);
                let n = cell.len() + around[from..].partition_point(|&b| b == cell[0].0);
                if let Some((_, known)) = &mut known {
                    known.add(n, cell);
                }
                if cell.len() < 2 {
                    continue;
                }
                if let Some((_, known)) = &mut known {
                    known.degrees.targets.push(n as u32);
                }
                sources.extend(cell.iter().map(|&(_, s)| s));
                cells.resize(sources.len(), target.len() as u32);
                target.push(t);
            }
        }
        drop(bucket);
        let mut pairs = PairSlices { sources: &sources, targets: &cells };
        let built = build(graph.n_sources(), target.len() as u32, &mut pairs, None, tick).map_err(|e| match e {
            BuildError::Stopped => Stopped,
            BuildError::Pairs(never) => match never {},
        })?;
        let whole = known.map(|(whole, mut known)| {
            whole.add_cells_beyond(k, &mut known);
            known
        });
        Ok(Self { graph: built.graph, target, bucket_s, whole })
    }
}

/// The bucket of each edge, in the order of `by_target`.
fn buckets(graph: &Bipartite, times: &Times, bucket_s: u32) -> Vec<u32> {
    // Rows of `by_target` are filled in ascending order of source, which is the order of their neighbours.
    let mut next: Vec<u64> = (0..graph.n_targets()).map(|t| graph.by_target.first_edge(t)).collect();
    let mut bucket = vec![NO_TIME; times.at.len()];
    for s in 0..graph.n_sources() {
        for (&t, e) in graph.by_source.neighbours(s).iter().zip(graph.by_source.first_edge(s)..) {
            let place = &mut next[t as usize];
            bucket[*place as usize] = times.of(e).map_or(NO_TIME, |at| at / bucket_s);
            *place += 1;
        }
    }
    bucket
}

#[cfg(test)]
mod tests {
    use super::{Flow, Times};
    use crate::judge::synchrony;

    const DAY: u32 = 86_400;

    /// Whole days of two years: all edges of a day came in its first second.
    fn flow_of_days(a_day: u32, on_the_last: u32) -> Flow {
        let at = (0..730).flat_map(|day| vec![day * DAY; if day == 729 { on_the_last } else { a_day } as usize]);
        Flow::new(&Times { at: at.collect(), origin_s: 0 })
    }

    #[test]
    fn a_second_has_all_edges_that_came_in_it() {
        let flow = flow_of_days(40, 700);
        assert_eq!(flow.between(100 * DAY, 100 * DAY), 40.0);
        assert_eq!(flow.between(100 * DAY, 101 * DAY), 80.0);
        assert_eq!(flow.between(729 * DAY, 729 * DAY), 700.0);
        assert_eq!(flow.between(0, 729 * DAY), flow.n());
    }

    /// Ten of eighteen edges on a day on which many came say less than on a day like others; forty say much there too.
    #[test]
    fn what_all_do_in_one_second_says_less() {
        let flow = flow_of_days(40, 700);
        let block =
            |n: u32| (0..8).map(|k| (80 * k * DAY, k)).chain((0..n).map(|_| (729 * DAY, 9))).collect::<Vec<_>>();
        let busy = synchrony(&block(10), 6, &flow);
        assert!(busy < 6.0, "{busy}");
        let quiet = synchrony(&block(10), 6, &flow_of_days(40, 40));
        assert!(quiet > 10.0, "{quiet}");
        let much = synchrony(&block(40), 40, &flow);
        assert!(much > 20.0, "{much}");
    }
}
