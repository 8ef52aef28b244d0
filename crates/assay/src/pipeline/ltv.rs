//! From orders to what customers are worth.

use super::{Error, Step, Watch, go_on};
use crate::report::{LtvReport, Origin, Warning};
use assay_import::{Bundle, Limits, ReadOptions, Sink};
use assay_math::Seed;
use assay_metrics::ltv::{Question, histories, lifetime};
use assay_model::{Calendar, Day, Fact, Go, Orders, Reject, Span, minor_places};
use std::path::PathBuf;

/// Rejected rows that are kept for the reader; all are counted.
const REJECTS_KEPT: usize = 1_000;

/// What the user asked.
#[derive(Debug, Clone)]
pub struct LtvOptions {
    /// The last day that the models know of; the last day of the orders where it is `None`.
    pub cutoff: Option<Day>,
    /// Days ahead.
    pub horizon_days: u32,
    /// Months over which the value of a customer is summed.
    pub value_months: u32,
    /// Discount a month, 0 or more.
    pub discount_monthly: f64,
    /// Orders in this currency alone; all must be in one where it is `None`.
    pub currency: Option<String>,
    /// The confidence of every interval, 0..1.
    pub confidence: f64,
    /// Where every random step starts.
    pub seed: Seed,
    /// How the tables are to be read.
    pub reading: ReadOptions,
    /// How days are counted.
    pub calendar: Calendar,
}

/// Keeps the orders and what is said of their files.
#[derive(Default)]
struct Kept {
    orders: Orders,
    notes: Vec<String>,
    rejects: Vec<Reject>,
    n_rejected: u64,
    n_cancelled: u64,
}

impl Sink for Kept {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        match fact {
            Fact::Sale(order) if order.is_cancelled() => self.n_cancelled += 1,
            Fact::Sale(order) => self.orders.push(&order),
            Fact::Note(note) => self.notes.push(note.to_owned()),
            _ => {}
        }
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        self.n_rejected += 1;
        if self.rejects.len() < REJECTS_KEPT {
            self.rejects.push(reject);
        }
        Go::On
    }
}

/// What is said where tables have other columns than those of orders.
fn no_orders(paths: &[PathBuf]) -> String {
    let name = |path: &PathBuf| format!("`{}`", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
    let names: Vec<String> = paths.iter().take(3).map(name).collect();
    format!("expected a table of orders with customer_id, ordered_at, total, found none in {}", names.join(", "))
}

/// Reads tables of orders as one business's, and tells what its customers are worth.
///
/// # Errors
/// When the orders cannot be read, are in several currencies, none lies before the cutoff, or `watch` answers stop.
pub fn ltv(paths: &[PathBuf], options: &LtvOptions, watch: &mut Watch<'_>) -> Result<LtvReport, Error> {
    go_on(watch, Step::Reading)?;
    let mut bundle = Bundle::open(paths, &Limits::default())?.read_as(options.reading.clone());
    let plan = assay_import::detect_orders(&bundle).map_err(|error| match Error::of_tables(error, &mut bundle) {
        Error::UnknownTables { tables, .. } => Error::UnknownTables { message: no_orders(paths), tables },
        other => other,
    })?;
    let mut kept = Kept::default();
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let summary = assay_import::read(&bundle, &plan, &mut kept, &mut tick)?;
    let Kept { orders, notes, rejects, n_rejected, n_cancelled } = kept;
    let times = orders.rows.iter().map(|o| Span { from: o.ordered_at, to: o.ordered_at });
    let mut origin = Origin {
        seed: Some(options.seed),
        files: summary.files,
        rejects,
        n_rejected,
        window: times.reduce(Span::join),
        warnings: notes.into_iter().map(|text| Warning { id: "note", text }).collect(),
    };
    if n_cancelled > 0 {
        let text = format!("{n_cancelled} orders were cancelled, voided or never paid, and count for nothing");
        origin.warnings.push(Warning { id: "cancelled-orders", text });
    }
    let currency = currency(&orders, options)?;
    let columns = columns(&orders, currency.as_deref(), &options.calendar, &mut origin)?;
    let Some(last) = columns.day.iter().max().copied() else {
        return Err(Error::Input {
            message: "expected orders, found none".to_owned(),
            hint: Some("`assay formats --columns` lists the names that are known".to_owned()),
        });
    };
    let cutoff = options.cutoff.map_or(last, |day| day.0);
    let first = columns.day.iter().min().copied().unwrap_or(last);
    if cutoff < first {
        return Err(Error::Input {
            message: "expected a cutoff within the orders, found one before the first of them".to_owned(),
            hint: Some(format!("the orders run from {} to {}", shown(first), shown(last))),
        });
    }
    if cutoff > last {
        let text = format!(
            "the cutoff lies {} days behind the last order: nothing is taken to have come since",
            cutoff - last
        );
        origin.warnings.push(Warning { id: "cutoff-behind-orders", text });
    }
    let question = Question {
        cutoff_day: cutoff,
        covered_until_day: last,
        horizon_days: options.horizon_days,
        value_months: options.value_months,
        discount_monthly: options.discount_monthly,
        confidence: options.confidence,
    };
    let mut tick = |done, total| watch(Step::Named("fitting customers"), done, total);
    let answer = lifetime(&columns, &question, options.seed, &mut tick).map_err(|_| Error::Interrupted)?;
    Ok(LtvReport { origin, question, currency, customer_ids: orders.customers, answer })
}

fn shown(day: i32) -> String {
    crate::render::ltv::day_of(day)
}

/// The one currency of the orders, or the one that the user chose.
fn currency(orders: &Orders, options: &LtvOptions) -> Result<Option<String>, Error> {
    let list = || orders.currencies.join(", ");
    if let Some(wanted) = &options.currency {
        return match orders.currencies.iter().find(|c| c.eq_ignore_ascii_case(wanted)) {
            Some(code) => Ok(Some(code.clone())),
            None => Err(Error::Input {
                message: format!("expected orders in {wanted}, found none"),
                hint: Some(format!(
                    "the orders are in: {}",
                    if orders.currencies.is_empty() { "no currency".to_owned() } else { list() }
                )),
            }),
        };
    }
    match orders.currencies.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(Error::Input {
            message: format!("expected orders in one currency, found {}", list()),
            hint: Some("choose one with --currency, or convert the amounts".to_owned()),
        }),
    }
}

/// The columns that the models read. Refunds are left out and told, and so are orders in other currencies.
fn columns(
    orders: &Orders,
    currency: Option<&str>,
    calendar: &Calendar,
    origin: &mut Origin,
) -> Result<histories::Orders, Error> {
    let mut columns = histories::Orders::default();
    let wanted = currency.and_then(|c| orders.currencies.iter().position(|o| o == c)).map(|p| p as u16);
    let places = minor_places(currency.unwrap_or_default());
    let (mut n_refunds, mut n_other) = (0_u64, 0_u64);
    for order in &orders.rows {
        if order.currency.is_some() && order.currency != wanted {
            n_other += 1;
            continue;
        }
        if order.total.units < 0 {
            n_refunds += 1;
            continue;
        }
        let amount_minor = order.total.minor(places).ok_or_else(|| Error::Input {
            message: format!("an amount in line {} is too large to be counted", order.row.line),
            hint: Some("check the column of totals".to_owned()),
        })?;
        columns.customer.push(order.customer);
        columns.day.push(calendar.day(order.ordered_at).0);
        columns.amount_minor.push(amount_minor);
    }
    let mut warn = |id, n: u64, what: &str| {
        if n > 0 {
            origin.warnings.push(Warning { id, text: format!("{n} rows {what} were left out") });
        }
    };
    warn("refunds", n_refunds, "with a total below 0 (refunds)");
    warn("other-currencies", n_other, "in other currencies");
    Ok(columns)
}
