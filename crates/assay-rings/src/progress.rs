//! How far a search is: work done and work ahead, in edges passed over.
//!
//! Each phase states what it costs before it begins: edges of the graph as often as it passes them, times what an edge costs in
//! it. Phases that have not begun count with a plan; when one begins, what it really has to do takes the plan's place, and when it
//! ends early, the rest is not counted as done.

use assay_model::{Stopped, Tick};

/// What passing an edge costs in each kind of phase, in halves of a peel's time; measured on five graphs.
#[derive(Debug, Clone, Copy)]
pub enum Cost {
    /// Peeling: a round passes every edge twice, and levels are made in one more.
    Peel = 2,
    /// Drawing blocks: counting who shares what.
    Settle = 3,
    /// Moving nodes between groups.
    Move = 4,
    /// Min-hash, all bands together.
    Sketch = 30,
}

impl Cost {
    /// The cost of passing so many edges.
    pub fn of(self, n_edges: u64) -> u64 {
        self as u64 * n_edges
    }
}

/// How many times the edges of a seed are passed while it settles, where nothing is known yet: between one in large graphs and
/// eighty in small ones, whose seeds grow. Made.
const TURNS: u64 = 3;

/// Work done and work ahead.
pub struct Progress<'a, 't> {
    tick: &'a mut Tick<'t>,
    done: u64,
    /// What phases that have not begun are planned to cost, looks at seeds apart.
    ahead: u64,
    /// The edges of the seeds that are still to be looked at, as planned.
    seeds_ahead: u64,
    /// Edges of seeds looked at so far, and edges passed for them; a little of what is planned at first.
    looked: u64,
    passed: u64,
}

impl<'a, 't> Progress<'a, 't> {
    /// Nothing is done, and so much is planned, besides looks at seeds of so many edges.
    pub fn new(planned: u64, seeds: u64, tick: &'a mut Tick<'t>) -> Self {
        let looked = seeds / 50 + 1;
        Self { tick, done: 0, ahead: planned, seeds_ahead: seeds, looked, passed: TURNS * looked }
    }

    /// Another plan for seeds takes the place of one.
    pub fn plan_seeds(&mut self, before: u64, now: u64) {
        self.seeds_ahead = self.seeds_ahead.saturating_sub(before) + now;
    }

    /// Looks at seeds that have so many edges in all, for which so many were planned, and passes at most so many more. The tick hears
    /// how many edges of seeds were looked at, and how many were passed for it. How often one is passed is learned from all
    /// looks so far, and holds for those ahead.
    pub fn look<T>(
        &mut self,
        planned: u64,
        n_edges: u64,
        most: u64,
        run: impl FnOnce(&mut Tick<'_>) -> Result<T, Stopped>,
    ) -> Result<T, Stopped> {
        self.seeds_ahead = self.seeds_ahead.saturating_sub(planned);
        let (mut looked, mut passed) = (0, 0);
        let tick = &mut *self.tick;
        let (all_looked, all_passed, seeds_ahead) = (self.looked, self.passed, self.seeds_ahead);
        let (done, ahead) = (self.done, self.ahead);
        let result = run(&mut |now_looked, now_passed| {
            (looked, passed) = (now_looked, now_passed);
            let turns = (all_passed + passed) as f64 / (all_looked + looked) as f64;
            let here = ((n_edges.saturating_sub(looked) as f64 * turns) as u64).min(most.saturating_sub(passed));
            let later = (seeds_ahead as f64 * turns) as u64;
            let done = done + Cost::Settle.of(passed);
            tick(done, (done + Cost::Settle.of(here + later) + ahead).max(1))
        })?;
        (self.looked, self.passed) = (all_looked + looked, all_passed + passed);
        self.done += Cost::Settle.of(passed);
        Ok(result)
    }

    /// All that is still ahead.
    fn ahead(&self) -> u64 {
        self.ahead + Cost::Settle.of((self.seeds_ahead as f64 * self.passed as f64 / self.looked as f64) as u64)
    }

    /// Runs a phase for which so much was planned and which costs `cost` if it runs to its end. Its tick counts in any unit.
    pub fn phase<T>(
        &mut self,
        planned: u64,
        cost: u64,
        run: impl FnOnce(&mut Tick<'_>) -> Result<T, Stopped>,
    ) -> Result<T, Stopped> {
        let part_of =
            |part: u64, all: u64| (u128::from(cost) * u128::from(part.min(all)) / u128::from(all.max(1))) as u64;
        self.told(planned, cost, |tick| run(&mut |part, all| tick(part_of(part, all), cost)))
    }

    /// Runs a phase whose own tick counts what it has cost and what it will cost in all, as far as it can tell by then.
    pub fn told<T>(
        &mut self,
        planned: u64,
        cost: u64,
        run: impl FnOnce(&mut Tick<'_>) -> Result<T, Stopped>,
    ) -> Result<T, Stopped> {
        self.ahead = self.ahead.saturating_sub(planned);
        let (done, ahead, tick) = (self.done, self.ahead(), &mut *self.tick);
        let mut reached = None;
        let result = run(&mut |here, all| {
            reached = Some(here);
            tick(done + here, (done + all.max(here) + ahead).max(1))
        })?;
        self.done += reached.unwrap_or(cost);
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use assay_model::Go;

    #[test]
    fn phases_take_the_place_of_their_plans_and_end_at_the_whole() {
        let mut told = Vec::new();
        let mut tick = |done, total| {
            told.push((done, total));
            Go::On
        };
        let mut progress = Progress::new(30, 0, &mut tick);
        let to_the_end = |tick: &mut assay_model::Tick<'_>| {
            let _ = (tick(1, 2), tick(2, 2));
            Ok(())
        };
        progress.phase(10, 10, to_the_end).expect("not stopped");
        // Twice as much as planned.
        progress.phase(10, 20, to_the_end).expect("not stopped");
        // Ends at a quarter.
        let early = |tick: &mut assay_model::Tick<'_>| {
            let _ = tick(1, 4);
            Ok(())
        };
        progress.phase(5, 40, early).expect("not stopped");
        progress.phase(5, 5, to_the_end).expect("not stopped");
        let want = [(5, 30), (10, 30), (20, 40), (30, 40), (40, 75), (42, 45), (45, 45)];
        assert_eq!(told, want);
    }
    #[test]
    fn what_a_look_costs_is_learned_and_holds_for_those_ahead() {
        let mut told = Vec::new();
        let mut tick = |done, total| {
            told.push((done, total));
            Go::On
        };
        let mut progress = Progress::new(0, 10_000, &mut tick);
        // Every edge is passed ten times, not three.
        let ten_times = |tick: &mut assay_model::Tick<'_>| {
            (0..=50).for_each(|k| _ = tick(100 * k, 1000 * k));
            Ok(())
        };
        progress.look(5000, 5000, u64::MAX, ten_times).expect("not stopped");
        progress.look(5000, 5000, u64::MAX, ten_times).expect("not stopped");
        assert_eq!(told[0], (0, 3 * 3 * 10_000));
        let late = |share: f64| told[(share * told.len() as f64) as usize];
        for share in [0.25, 0.5, 0.75] {
            let (done, total) = late(share);
            assert!((done as f64 / total as f64 - share).abs() < 0.05, "{done} of {total} at {share}");
        }
        assert_eq!(told.last(), Some(&(300_000, 300_000)));
        // More levels than were planned count from the moment they are known.
        let mut last = 0;
        let mut tick = |_, total| {
            last = total;
            Go::On
        };
        let mut progress = Progress::new(0, 1000, &mut tick);
        progress.plan_seeds(1000, 3000);
        progress.look(1000, 1000, u64::MAX, |tick| Ok(tick(0, 0))).expect("not stopped");
        assert_eq!(last, 3 * 3 * 3000);
    }
}
