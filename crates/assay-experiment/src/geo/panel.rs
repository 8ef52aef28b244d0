//! A panel: a number for every market and period.

use std::collections::BTreeMap;

/// Rows as they come.
#[derive(Debug, Default)]
pub struct PanelRows {
    cells: BTreeMap<String, BTreeMap<i64, (f64, f64)>>,
    n_repeated: u64,
}

/// Markets by periods, both in order. Tables of sales mostly have no row where nothing was sold, so a missing cell counts as 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The markets.
    pub markets: Vec<String>,
    /// The periods, as numbers that rise with time.
    pub periods: Vec<i64>,
    /// For each market its values over the periods.
    pub values: Vec<Vec<f64>>,
    /// For each market its cost over the periods; zeros where there is none.
    pub costs: Vec<Vec<f64>>,
    /// Markets left out because they lack more than half of the periods.
    pub incomplete: Vec<String>,
    /// Cells without a row, which count as 0.
    pub n_filled: u64,
    /// Rows that repeat a market and period; their values were added.
    pub n_repeated: u64,
}

impl PanelRows {
    /// Adds a row.
    pub fn add(&mut self, market: &str, period: i64, value: f64, cost: f64) {
        if !self.cells.contains_key(market) {
            self.cells.insert(market.to_owned(), BTreeMap::new());
        }
        if let Some(row) = self.cells.get_mut(market) {
            let cell = row.entry(period).or_insert((0.0, 0.0));
            self.n_repeated += u64::from(*cell != (0.0, 0.0));
            cell.0 += value;
            cell.1 += cost;
        }
    }

    /// The panel of the markets and periods up to `end`.
    pub fn conclude(self, end: i64) -> Panel {
        let mut periods: Vec<i64> =
            self.cells.values().flat_map(|row| row.keys().copied()).filter(|p| *p <= end).collect();
        periods.sort_unstable();
        periods.dedup();
        let mut panel = Panel {
            markets: Vec::new(),
            periods,
            values: Vec::new(),
            costs: Vec::new(),
            incomplete: Vec::new(),
            n_filled: 0,
            n_repeated: self.n_repeated,
        };
        for (market, row) in self.cells {
            let n_missing = panel.periods.iter().filter(|p| !row.contains_key(p)).count();
            if 2 * n_missing > panel.periods.len() {
                panel.incomplete.push(market);
                continue;
            }
            panel.n_filled += n_missing as u64;
            let cells: Vec<(f64, f64)> =
                panel.periods.iter().map(|p| row.get(p).copied().unwrap_or_default()).collect();
            panel.markets.push(market);
            panel.values.push(cells.iter().map(|c| c.0).collect());
            panel.costs.push(cells.iter().map(|c| c.1).collect());
        }
        panel
    }
}

impl Panel {
    /// The panel's first `n` periods.
    #[must_use]
    pub fn first(&self, n: usize) -> Self {
        let cut = |of: &[Vec<f64>]| of.iter().map(|v| v[..n].to_vec()).collect();
        Self { values: cut(&self.values), costs: cut(&self.costs), periods: self.periods[..n].to_vec(), ..self.clone() }
    }
}
