//! How much an input may ask of the machine.

/// Limits on an input. What lies beyond is a clear error, never a full memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files in folders and members of archives, in all.
    pub members_max: usize,
    /// Folders within folders.
    pub depth_max: usize,
    /// Unpacked bytes for each packed byte, over a whole file; deflate cannot go beyond 1,032.
    pub ratio_max: u64,
    /// Unpacked bytes before the ratio is looked at.
    pub ratio_free_bytes: u64,
    /// Bytes of a packed Parquet file, which has to be held in memory since it is read from its end.
    pub in_memory_bytes_max: u64,
    /// Edges that may be held in memory at once.
    pub held_edges_max: u64,
}

impl Default for Limits {
    /// Edge tables as text pack some 3 to 20 times; a table of one edge over and over packs some 300 times.
    fn default() -> Self {
        Self {
            members_max: 100_000,
            depth_max: 32,
            ratio_max: 500,
            ratio_free_bytes: 64 << 20,
            in_memory_bytes_max: 1 << 30,
            held_edges_max: u64::MAX,
        }
    }
}
