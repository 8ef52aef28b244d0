//! What audits said, kept by version: the shares of each audit, and its verdict on each follower.

use crate::error::StoreError;
use crate::ledger::Snapshot;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::{Loss, Page, RowRef, TimeMs, Verdicts};
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

/// A share with its interval, 0..1; `None` where it could not be said.
pub type Range = Option<(f64, f64, f64)>;

/// What an audit was made of and said.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its number; 0 for one that is not kept yet.
    pub id: i64,
    /// The page's number.
    pub page_id: i64,
    /// What the page is called.
    pub page: Option<String>,
    /// The follower list's number; `None` where there is none.
    pub snapshot_id: Option<i64>,
    /// The time that the list speaks of.
    pub as_of: TimeMs,
    /// When the audit was made.
    pub audited_at: TimeMs,
    /// The version of the program.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// Hash over everything that the verdicts follow from: the inputs, the program's version, the seed, what was asked.
    pub inputs: String,
    /// The confidence of the intervals.
    pub confidence: f64,
    /// Followers in the list.
    pub n_followers: u64,
    /// Batches.
    pub n_batches: u64,
    /// Bursts that are no batch.
    pub n_spikes: u64,
    /// The share of inauthentic followers,
    pub inauthentic: Range,
    /// of dormant,
    pub dormant: Range,
    /// and of genuine ones.
    pub genuine: Range,
    /// The share that stands in batches and looks bought.
    pub in_batches: Range,
}

/// A page that the workspace knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageEntry {
    /// Its number.
    pub id: i64,
    /// `network/handle`, as far as known.
    pub name: Option<String>,
    /// Its network; empty where it is not known.
    pub network: String,
    /// Its handle; empty where it is not known.
    pub handle: String,
}

/// Who came and went between two lists of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The time of the earlier list: nothing happened before it.
    pub after: TimeMs,
    /// The time of the later list: all had happened by then.
    pub by: TimeMs,
    /// Who came.
    pub n_gained: u64,
    /// Who went.
    pub n_lost: u64,
    /// Of them, those whom the newest audit of the earlier list had classed inauthentic; `None` without such an audit.
    pub n_lost_inauthentic: Option<u64>,
}

const COLUMNS: &str = "a.id, a.page_id, page.name, a.snapshot_id, a.as_of, a.audited_at, a.version, a.seed, a.inputs, a.confidence, \
    a.n_followers, a.n_batches, a.n_spikes, a.inauthentic_point, a.inauthentic_low, a.inauthentic_high, a.dormant_point, \
    a.dormant_low, a.dormant_high, a.genuine_point, a.genuine_low, a.genuine_high, a.in_batches_point, a.in_batches_low, \
    a.in_batches_high";

impl Workspace {
    /// The pages, in the order in which they were first met.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn pages(&self) -> Result<Vec<PageEntry>, StoreError> {
        let mut all = self.connection.prepare("SELECT id, name, network, handle FROM page ORDER BY id")?;
        let page = |row: &Row<'_>| {
            Ok(PageEntry { id: row.get(0)?, name: row.get(1)?, network: row.get(2)?, handle: row.get(3)? })
        };
        Ok(all.query_map([], page)?.collect::<Result<_, _>>()?)
    }

    /// The audits that are kept: page by page, in the order of their lists, then of their making.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn audits(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let mut all = self.connection.prepare(&format!(
            "SELECT {COLUMNS} FROM audit a JOIN page ON page.id = a.page_id ORDER BY a.page_id, a.as_of, a.id"
        ))?;
        Ok(all.query_map([], entry)?.collect::<Result<_, _>>()?)
    }

    /// Keeps an audit with its verdicts, in one transaction; one that follows from the same is kept already and stays. Answers its
    /// number, and whether it is new.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_audit(
        &mut self,
        audit: &AuditEntry,
        page: &Page,
        verdicts: &Verdicts,
    ) -> Result<(i64, bool), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let same = "SELECT id FROM audit WHERE page_id = ? AND snapshot_id IS ? AND inputs = ?";
        let kept: Option<i64> = transaction
            .query_row(same, params![audit.page_id, audit.snapshot_id, audit.inputs], |row| row.get(0))
            .optional()?;
        if let Some(id) = kept {
            return Ok((id, false));
        }
        let of = |r: Range| [r.map(|r| r.0), r.map(|r| r.1), r.map(|r| r.2)];
        let (i, d, g, b) = (of(audit.inauthentic), of(audit.dormant), of(audit.genuine), of(audit.in_batches));
        transaction.execute(
            "INSERT INTO audit(page_id, snapshot_id, as_of, audited_at, version, seed, inputs, confidence, n_followers, \
             n_batches, n_spikes, inauthentic_point, inauthentic_low, inauthentic_high, dormant_point, dormant_low, \
             dormant_high, genuine_point, genuine_low, genuine_high, in_batches_point, in_batches_low, in_batches_high) \
             VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                audit.page_id,
                audit.snapshot_id,
                audit.as_of.0,
                audit.audited_at.0,
                audit.version,
                audit.seed.cast_signed(),
                audit.inputs,
                audit.confidence,
                audit.n_followers as i64,
                audit.n_batches as i64,
                audit.n_spikes as i64,
                i[0], i[1], i[2], d[0], d[1], d[2], g[0], g[1], g[2], b[0], b[1], b[2],
            ],
        )?;
        let id = transaction.last_insert_rowid();
        {
            let mut add = transaction.prepare(
                "INSERT INTO verdict(audit_id, rank, account_id, handle, probability, class, batch) VALUES(?, ?, ?, ?, ?, ?, ?)",
            )?;
            let a = &page.audience;
            for rank in 0..a.len() {
                let batch = verdicts.batch_of(rank).map(|b| b.id.as_str());
                let (p, class) = (f64::from(verdicts.probability[rank]), verdicts.class[rank].name());
                add.execute(params![id, rank as i64, a.account_id.get(rank), a.handle.get(rank), p, class, batch])?;
            }
        }
        transaction.commit()?;
        Ok((id, true))
    }

    /// Who is in a list of a page and not in the next: losses between the times of the two, each with the row of the earlier list;
    /// and the times of the lists. Lists whose rows retention took are left out.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn losses_by_lists(&self, page_id: i64) -> Result<(Vec<Loss>, Vec<TimeMs>), StoreError> {
        let is_kept = |s: &Snapshot| s.page_id == page_id && s.dropped_at.is_none();
        let lists: Vec<_> = self.snapshots()?.into_iter().filter(is_kept).collect();
        let rows = "FROM file CROSS JOIN follow f ON f.id BETWEEN (file.id << 32) AND (file.id << 32) + 4294967295 \
                    WHERE file.reading_id =";
        let mut lost = self.connection.prepare(&format!(
            "SELECT min(f.id) >> 32, f.line {rows} ?1 AND f.key NOT IN (SELECT f.key {rows} ?2) GROUP BY f.key \
             ORDER BY min(f.id)"
        ))?;
        let mut losses = Vec::new();
        for pair in lists.windows(2) {
            let [earlier, later] = pair else { continue };
            let mut all = lost.query([earlier.id, later.id])?;
            while let Some(row) = all.next()? {
                let source = RowRef { file: row.get(0)?, line: row.get(1)? };
                losses.push(Loss { after: Some(earlier.as_of), at: later.as_of, source });
            }
        }
        Ok((losses, lists.into_iter().map(|list| list.as_of).collect()))
    }

    /// Who came and went between the lists of a page, in order of time.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn changes(&self, page_id: i64) -> Result<Vec<Change>, StoreError> {
        let lists: Vec<_> = self.snapshots()?.into_iter().filter(|s| s.page_id == page_id).collect();
        let keys = "SELECT f.key FROM file CROSS JOIN follow f ON f.id BETWEEN (file.id << 32) AND (file.id << 32) + 4294967295 \
                    WHERE file.reading_id =";
        let mut count = self.connection.prepare(&format!(
            "SELECT count(*) FROM (SELECT DISTINCT key FROM ({keys} ?1) WHERE key NOT IN ({keys} ?2))"
        ))?;
        let mut audited = self.connection.prepare("SELECT max(id) FROM audit WHERE snapshot_id = ?")?;
        let mut sold = self.connection.prepare(&format!(
            "SELECT count(*) FROM verdict v WHERE v.audit_id = ?3 AND v.class = 'inauthentic' AND EXISTS \
             (SELECT 1 FROM file CROSS JOIN follow f ON f.id BETWEEN (file.id << 32) AND (file.id << 32) + 4294967295 \
             WHERE file.reading_id = ?1 AND f.account_id IS v.account_id AND f.handle IS v.handle \
             AND f.key NOT IN ({keys} ?2))"
        ))?;
        let mut kept = self.connection.prepare(
            "SELECT n_gained, n_lost, n_lost_inauthentic FROM kept_change WHERE page_id = ? AND after = ? AND by = ?",
        )?;
        let mut changes = Vec::new();
        for pair in lists.windows(2) {
            let [earlier, later] = pair else { continue };
            if earlier.dropped_at.or(later.dropped_at).is_some() {
                let (after, by) = (earlier.as_of, later.as_of);
                let counted = |row: &Row<'_>| {
                    let n = |at: usize| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(at)?.max(0) as u64) };
                    let sold: Option<i64> = row.get(2)?;
                    let n_lost_inauthentic = sold.map(|n| n.max(0) as u64);
                    Ok(Change { after, by, n_gained: n(0)?, n_lost: n(1)?, n_lost_inauthentic })
                };
                changes.extend(kept.query_row([page_id, after.0, by.0], counted).optional()?);
                continue;
            }
            let n = |n: i64| n.max(0) as u64;
            let audit: Option<i64> = audited.query_row([earlier.id], |row| row.get(0))?;
            let n_lost = n(count.query_row([earlier.id, later.id], |row| row.get(0))?);
            changes.push(Change {
                after: earlier.as_of,
                by: later.as_of,
                n_gained: n(count.query_row([later.id, earlier.id], |row| row.get(0))?),
                n_lost,
                n_lost_inauthentic: match audit {
                    Some(audit) if n_lost > 0 => {
                        Some(n(sold.query_row([earlier.id, later.id, audit], |row| row.get(0))?))
                    }
                    Some(_) => Some(0),
                    None => None,
                },
            });
        }
        Ok(changes)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let range = |at: usize| -> rusqlite::Result<Range> {
        let point: Option<f64> = row.get(at)?;
        Ok(match point {
            Some(point) => Some((point, row.get(at + 1)?, row.get(at + 2)?)),
            None => None,
        })
    };
    let count = |at: usize| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(at)?.max(0) as u64) };
    Ok(AuditEntry {
        id: row.get(0)?,
        page_id: row.get(1)?,
        page: row.get(2)?,
        snapshot_id: row.get(3)?,
        as_of: TimeMs(row.get(4)?),
        audited_at: TimeMs(row.get(5)?),
        version: row.get(6)?,
        seed: row.get::<_, i64>(7)?.cast_unsigned(),
        inputs: row.get(8)?,
        confidence: row.get(9)?,
        n_followers: count(10)?,
        n_batches: count(11)?,
        n_spikes: count(12)?,
        inauthentic: range(13)?,
        dormant: range(16)?,
        genuine: range(19)?,
        in_batches: range(22)?,
    })
}

/// The views `audits`, `verdicts` (of the newest audit of the newest list of each page) and `verdicts_versions`.
pub(crate) fn views() -> [(&'static str, String); 3] {
    let audits = format!(
        "SELECT a.id AS audit_id, (SELECT page.name FROM page WHERE page.id = a.page_id) AS page, a.snapshot_id AS snapshot_id, \
         {as_of} AS as_of, {at} AS audited_at, a.version AS version, a.seed AS seed, a.inputs AS inputs, \
         a.confidence AS confidence, a.n_followers AS n_followers, a.n_batches AS n_batches, a.n_spikes AS n_spikes, \
         a.inauthentic_point AS inauthentic_point, a.inauthentic_low AS inauthentic_low, a.inauthentic_high AS inauthentic_high, \
         a.dormant_point AS dormant_point, a.dormant_low AS dormant_low, a.dormant_high AS dormant_high, \
         a.genuine_point AS genuine_point, a.genuine_low AS genuine_low, a.genuine_high AS genuine_high, \
         a.in_batches_point AS in_batches_point, a.in_batches_low AS in_batches_low, a.in_batches_high AS in_batches_high, \
         a.id = (SELECT b.id FROM audit b WHERE b.page_id = a.page_id ORDER BY b.as_of DESC, b.id DESC LIMIT 1) AS is_current \
         FROM audit a",
        as_of = time("a.as_of"),
        at = time("a.audited_at"),
    );
    let columns = "v.account_id AS account_id, v.handle AS handle, v.rank AS rank, v.probability AS probability, \
                   v.class AS class, v.batch AS batch, a.audit_id AS audit_id, a.snapshot_id AS snapshot_id, a.page AS page";
    let of = "FROM audits a CROSS JOIN verdict v ON v.audit_id = a.audit_id";
    [
        ("audits", audits),
        ("verdicts", format!("SELECT {columns} {of} WHERE a.is_current")),
        ("verdicts_versions", format!("SELECT {columns}, a.is_current AS is_current {of}")),
    ]
}
