//! How much an input may ask of the machine.

/// Limits on an input. What lies beyond is a clear error, never a full memory or disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files in a folder or members in an archive.
    pub members_max: usize,
    /// Folders within folders.
    pub depth_max: usize,
    /// Bytes that one packed member may unpack to.
    pub unpacked_bytes_max: u64,
    /// Unpacked bytes for each packed byte, over a whole member; deflate cannot go beyond 1,032.
    pub ratio_max: u64,
    /// Unpacked bytes before the ratio is looked at, so that tiny files may be as repetitive as they like.
    pub ratio_free_bytes: u64,
    /// Bytes of a packed Parquet file, which has to be held in memory since it is read from its end.
    pub in_memory_bytes_max: u64,
}

impl Default for Limits {
    /// A follower list of 8 GiB holds some 60 million followers as X writes them; real lists pack some 10 to 20 times.
    fn default() -> Self {
        Self {
            members_max: 1_000_000,
            depth_max: 32,
            unpacked_bytes_max: 8 << 30,
            ratio_max: 200,
            ratio_free_bytes: 16 << 20,
            in_memory_bytes_max: 512 << 20,
        }
    }
}

/// Bytes of one cell; a longer one makes its row a reject.
pub(crate) const CELL_BYTES_MAX: usize = 1 << 20;

/// Bytes of one row, with all its cells.
pub(crate) const ROW_BYTES_MAX: usize = 4 << 20;

/// Bytes at the start of a file that recognition may look at.
pub(crate) const HEAD_BYTES: usize = 64 << 10;
