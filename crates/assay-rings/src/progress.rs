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

/// Work done and work ahead.
pub struct Progress<'a, 't> {
    tick: &'a mut Tick<'t>,
    done: u64,
    ahead: u64,
}

impl<'a, 't> Progress<'a, 't> {
    /// Nothing is done, and so much is planned.
    pub fn new(planned: u64, tick: &'a mut Tick<'t>) -> Self {
        Self { tick, done: 0, ahead: planned }
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
        let (done, ahead, tick) = (self.done, self.ahead, &mut *self.tick);
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
        let mut progress = Progress::new(30, &mut tick);
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
}
