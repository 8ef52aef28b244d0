//! One reading: the bundle, the members that an importer claimed, and the ledger of rows met, taken and rejected.

use crate::bundle::{Bundle, Digest};
use crate::error::ImportError;
use crate::options::ReadOptions;
use crate::{Importer, Sink};
use assay_model::{Audience, Fact, Follow, Go, Loss, Order, Post, Reject, RowRef, SourceFile, Stopped, Tick};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};
use std::io::{self, Read};

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadSummary {
    /// The ids of the importers that read, the follower list first.
    pub importers: Vec<&'static str>,
    /// The files read, in the order of reading; [`RowRef::file`] counts in them. `rows` is `taken` plus `rejected`.
    pub files: Vec<SourceFile>,
}

/// What an importer reads from and writes to.
pub struct Reading<'a> {
    pub(crate) bundle: &'a Bundle,
    /// The members that the importer claimed, in reading order.
    pub(crate) members: Vec<usize>,
    sink: &'a mut dyn Sink,
    progress: Progress<'a>,
    files: Vec<SourceFile>,
    seen: Seen,
    noted: Vec<String>,
}

/// Bytes read so far and in all, and the tick that is told.
struct Progress<'a> {
    done: Cell<u64>,
    told: Cell<u64>,
    total: u64,
    tick: RefCell<&'a mut Tick<'a>>,
}

/// How many bytes lie between two ticks.
const TICK_BYTES: u64 = 1 << 20;

impl Progress<'_> {
    fn advance(&self, n: u64) -> Result<(), Stopped> {
        self.done.set(self.done.get() + n);
        if self.done.get() - self.told.get() >= TICK_BYTES {
            self.told.set(self.done.get());
            if (self.tick.borrow_mut())(self.done.get().min(self.total), self.total) == Go::Stop {
                return Err(Stopped);
            }
        }
        Ok(())
    }
}

/// What is told how far a reading is.
trait Advance {
    fn advance(&self, n: u64) -> Result<(), Stopped>;
}

impl Advance for Progress<'_> {
    fn advance(&self, n: u64) -> Result<(), Stopped> {
        self.advance(n)
    }
}

/// Counts packed bytes as progress.
struct Counted<'a, 'b, R> {
    inner: R,
    progress: &'a Progress<'b>,
}

impl<R: Read> Read for Counted<'_, '_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.progress.advance(n as u64).map_err(io::Error::other)?;
        Ok(n)
    }
}

impl<'a> Reading<'a> {
    pub(crate) fn new(bundle: &'a Bundle, total: u64, sink: &'a mut dyn Sink, tick: &'a mut Tick<'a>) -> Self {
        let progress = Progress { done: Cell::new(0), told: Cell::new(0), total, tick: RefCell::new(tick) };
        Self {
            bundle,
            members: Vec::new(),
            sink,
            progress,
            files: Vec::new(),
            seen: Seen::default(),
            noted: Vec::new(),
        }
    }

    /// Lets one importer read the members it claimed.
    pub(crate) fn run(&mut self, importer: &'static Importer, members: Vec<usize>) -> Result<(), ImportError> {
        self.members = members;
        self.seen = Seen::default();
        (importer.read)(self)
    }

    /// The files read so far.
    pub(crate) fn into_files(self) -> Vec<SourceFile> {
        self.files
    }

    /// Reads one member: hands its bytes and a desk to `read`, then hashes what is left and closes the ledger.
    pub(crate) fn file<T>(
        &mut self,
        member: usize,
        read: impl FnOnce(&mut dyn Read, &mut Desk<'_>) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        let name = self.bundle.members[member].name.clone();
        let packed_bytes = self.bundle.members[member].bytes;
        let (bundle, progress) = (self.bundle, &self.progress);
        let gzipped = bundle.members[member].gzipped;
        let mut desk = Desk {
            sink: self.sink,
            file: self.files.len() as u32,
            name: &name,
            rows: 0,
            taken: 0,
            rejected: 0,
            seen: &mut self.seen,
            noted: &mut self.noted,
            names: &self.files,
            options: bundle.options_of(member),
            progress,
            is_hashed: bundle.hashed,
        };
        desk.go(|sink, file, name| sink.begin(file, name))?;
        let (value, sha256) = bundle.with_packed(member, |packed| {
            let mut digest = Digest::only_if(bundle.hashed, Counted { inner: packed, progress });
            let value = if gzipped {
                let unpacked = flate2::read::MultiGzDecoder::new(&mut digest);
                let mut limited = crate::bundle::Limited::new(unpacked, &name, packed_bytes, &bundle.limits);
                read(&mut limited, &mut desk)?
            } else {
                read(&mut digest, &mut desk)?
            };
            let sha256 = digest.finish().map_err(|e| ImportError::reading(&name, &e))?;
            Ok::<_, ImportError>((value, sha256))
        })??;
        let file =
            SourceFile { name: name.clone(), sha256, rows: desk.rows, taken: desk.taken, rejected: desk.rejected };
        let go = self.sink.end(&file);
        self.files.push(file);
        stop(go)?;
        Ok(value)
    }

    /// The first bytes of a member as UTF-8; empty where they cannot be read.
    pub(crate) fn head(&self, member: usize) -> Vec<u8> {
        crate::text::decode_head(&self.bundle.head(member).unwrap_or_default())
    }

    /// Hands over a fact that belongs to no row.
    pub(crate) fn tell(&mut self, fact: Fact<'_>) -> Result<(), ImportError> {
        stop(self.sink.fact(fact))
    }

    /// Notes something for the reader of the answer, once.
    pub(crate) fn note(&mut self, text: &str) -> Result<(), ImportError> {
        if self.noted.iter().any(|n| n == text) {
            return Ok(());
        }
        self.noted.push(text.to_owned());
        self.tell(Fact::Note(text))
    }
}

fn stop(go: Go) -> Result<(), ImportError> {
    if go == Go::Stop { Err(ImportError::Stopped) } else { Ok(()) }
}

/// Where an importer puts the rows of one file. Each row met is either taken or rejected.
pub(crate) struct Desk<'a> {
    sink: &'a mut dyn Sink,
    file: u32,
    name: &'a str,
    rows: u64,
    taken: u64,
    rejected: u64,
    seen: &'a mut Seen,
    noted: &'a mut Vec<String>,
    names: &'a [SourceFile],
    options: &'a ReadOptions,
    progress: &'a dyn Advance,
    is_hashed: bool,
}

impl<'a> Desk<'a> {
    /// How the user wants it to be read.
    pub(crate) fn options(&self) -> &'a ReadOptions {
        self.options
    }
}

impl Desk<'_> {
    fn go(&mut self, call: impl FnOnce(&mut dyn Sink, u32, &str) -> Go) -> Result<(), ImportError> {
        stop(call(self.sink, self.file, self.name))
    }

    /// Whether the bytes of this file are to be hashed, which is done with all that are read of its stream.
    pub(crate) fn is_hashed(&self) -> bool {
        self.is_hashed
    }

    /// Tells that so many bytes are read by other ways than the file's stream.
    pub(crate) fn advance(&self, bytes: u64) -> Result<(), ImportError> {
        self.progress.advance(bytes).map_err(|Stopped| ImportError::Stopped)
    }

    /// The name of the file being read.
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// A row of this file.
    pub(crate) fn row(&self, line: u64) -> RowRef {
        RowRef { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    /// Counts a row as taken whose fact is told later.
    pub(crate) fn took(&mut self) {
        self.rows += 1;
        self.taken += 1;
    }

    /// Takes a follower, unless the same account was met before: then its row is rejected.
    pub(crate) fn follow(&mut self, line: u64, mut follow: Follow<'_>) -> Result<(), ImportError> {
        follow.source = self.row(line);
        if let Some(identity) = follow.account_id.or(follow.handle) {
            let met = self.seen.meet(hashed(identity, follow.account_id.is_none()), follow.source);
            if let Some(first) = met {
                return self.reject(line, self.twice("account", first));
            }
        }
        self.took();
        stop(self.sink.fact(Fact::Follow(follow)))
    }

    /// Takes a block of followers whose identities are hashed (0 where a row has none), and the rows of the block that were
    /// rejected. Rows that name an account met before are rejected.
    pub(crate) fn follows(
        &mut self,
        mut block: Audience,
        identities: &[u64],
        mut rejects: Vec<(u64, String)>,
    ) -> Result<(), ImportError> {
        let mut kept: Vec<u32> = Vec::new();
        let n_rejected = rejects.len();
        for (i, identity) in identities.iter().enumerate() {
            let row = block.source[i];
            let met = if *identity == 0 { None } else { self.seen.meet(*identity, row) };
            if let Some(first) = met {
                if rejects.len() == n_rejected {
                    kept.extend(0..i as u32);
                }
                rejects.push((u64::from(row.line), self.twice("account", first)));
            } else if rejects.len() > n_rejected {
                kept.push(i as u32);
            }
        }
        if rejects.len() > n_rejected {
            block = block.reordered(&kept);
        }
        rejects.sort_by_key(|(line, _)| *line);
        for (line, why) in rejects {
            self.reject(line, why)?;
        }
        self.rows += block.len() as u64;
        self.taken += block.len() as u64;
        stop(self.sink.follows(&block))
    }

    /// Why a row is rejected that repeats an earlier one.
    pub(crate) fn twice(&self, what: &str, first: RowRef) -> String {
        if first.file == self.file {
            format!("the same {what} stands in line {} already", first.line)
        } else {
            let name = self.names.get(first.file as usize).map_or("", |file| &file.name);
            format!("the same {what} stands in {name}:{} already", first.line)
        }
    }

    /// Takes an account that stopped following.
    pub(crate) fn loss(&mut self, line: u64, loss: Loss) -> Result<(), ImportError> {
        self.take(Fact::Loss(Loss { source: self.row(line), ..loss }))
    }

    /// Takes a post.
    pub(crate) fn post(&mut self, line: u64, post: Post<'_>) -> Result<(), ImportError> {
        self.take(Fact::Post(Post { source: self.row(line), ..post }))
    }

    /// Takes an order.
    pub(crate) fn order(&mut self, line: u64, order: Order<'_>) -> Result<(), ImportError> {
        self.take(Fact::Sale(Order { row: self.row(line), ..order }))
    }

    /// Counts a row as taken and hands over what it says. The fact carries its own row: [`Desk::row`].
    pub(crate) fn take(&mut self, fact: Fact<'_>) -> Result<(), ImportError> {
        self.took();
        stop(self.sink.fact(fact))
    }

    /// Hands over a fact of no row, or a further one of a row that is counted already.
    pub(crate) fn also(&mut self, fact: Fact<'_>) -> Result<(), ImportError> {
        stop(self.sink.fact(fact))
    }

    /// Rejects a row.
    pub(crate) fn reject(&mut self, line: u64, why: impl Into<String>) -> Result<(), ImportError> {
        self.rows += 1;
        self.rejected += 1;
        stop(self.sink.reject(Reject { file: self.name.to_owned(), line, why: why.into() }))
    }

    /// Notes something for the reader of the answer, once.
    pub(crate) fn note(&mut self, text: &str) -> Result<(), ImportError> {
        if self.noted.iter().any(|n| n == text) {
            return Ok(());
        }
        self.noted.push(text.to_owned());
        self.also(Fact::Note(text))
    }

    /// An error of reading this file.
    pub(crate) fn broken(&self, error: &io::Error) -> ImportError {
        ImportError::reading(self.name, error)
    }
}

/// The identities met so far, as 64-bit hashes: among a hundred million accounts, two share one with probability 3e-4.
///
/// They lie in many small tables by their upper bits: a table that grows is copied, and one table of all would be held twice then.
struct Seen {
    tables: Vec<HashMap<u64, RowRef, BuildHasherDefault<Hashed>>>,
}

/// Bits that choose a table. Those above tell identities apart within it, those below say where they stand.
const TABLE_BITS: u32 = 6;
/// Bits of a hash above those that choose a table.
const UPPER_BITS: u32 = 8;

impl Default for Seen {
    fn default() -> Self {
        Self { tables: vec![HashMap::default(); 1 << TABLE_BITS] }
    }
}

impl Seen {
    /// Remembers an identity; returns the row it was first met in, if it was.
    fn meet(&mut self, identity: u64, row: RowRef) -> Option<RowRef> {
        let table = (identity >> (u64::BITS - UPPER_BITS - TABLE_BITS)) as usize & ((1 << TABLE_BITS) - 1);
        match self.tables[table].entry(identity) {
            std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
                None
            }
        }
    }
}

/// The hash of an identity, never 0. Its keys are fixed: the same input gives the same rejects on every run.
pub(crate) fn hashed(identity: &str, fold_case: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    if fold_case {
        for c in identity.bytes() {
            hasher.write_u8(c.to_ascii_lowercase());
        }
    } else {
        hasher.write(identity.as_bytes());
    }
    hasher.finish().max(1)
}

/// Passes on keys that are hashes already.
#[derive(Default, Clone)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {
        // Only `u64` keys occur, which come in through `write_u64`.
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
